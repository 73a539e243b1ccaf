import type { UsersBody } from '../../../src/api/user-schemas.ts';
import { SITES } from '../../../src/lib/fleet.ts';
import { formatCount, formatMetric, formatMs } from '../lib/format.ts';
import { useBeat } from '../live/ticker.ts';
import { Age } from '../shell/age.tsx';
import { siteRows } from './user-figures.ts';

/** Servers report every 5 s; four missed reports are worth a mark. */
const LATE_MS = 20_000;
const SITE_IDS = SITES.map(({ id }) => id);

type Row = ReturnType<typeof siteRows>[number];

function ReportAge({ reportedAt_ms }: { reportedAt_ms: number }) {
  const late = useBeat((beat_ms) => beat_ms - reportedAt_ms > LATE_MS);
  return (
    <span className={late ? 'tone-warn' : undefined}>
      {late ? '▲ ' : ''}
      <Age heardAt_ms={reportedAt_ms} />
    </span>
  );
}

function Figures({ report, offset_ms }: { report: NonNullable<Row['report']>; offset_ms: number }) {
  return (
    <>
      <td className="num">{formatCount(report.active_users)}</td>
      <td className="num">{formatCount(report.active_connections)}</td>
      <td className="num">{report.server_cpu_pct.toFixed(1)}</td>
      <td className="num">{formatMetric(report.server_memory_gb)}</td>
      <td className="num">{formatMs(report.average_latency_ms)}</td>
      <td className="num cell-report">
        <ReportAge reportedAt_ms={Date.parse(report.at) + offset_ms} />
      </td>
    </>
  );
}

function SiteTableRow(props: {
  row: Row;
  silence: string;
  picked: boolean;
  offset_ms: number;
  onPick: () => void;
}) {
  const { row, silence, picked, offset_ms, onPick } = props;
  return (
    <tr className={picked ? 'site-picked' : undefined}>
      <th scope="row">
        <button type="button" className="pick" aria-pressed={picked} onClick={onPick}>
          {row.site_id}
        </button>
      </th>
      {row.report === null ? (
        <td colSpan={6} className="num faint">
          {silence}
        </td>
      ) : (
        <Figures report={row.report} offset_ms={offset_ms} />
      )}
    </tr>
  );
}

function Head() {
  return (
    <thead>
      <tr>
        <th scope="col">Site</th>
        <th scope="col" className="num">
          Active
        </th>
        <th scope="col" className="num">
          Conn.<span className="visually-hidden"> (connections)</span>
        </th>
        <th scope="col" className="num">
          CPU %
        </th>
        <th scope="col" className="num">
          <span className="head-more">Mem. </span>GB<span className="visually-hidden"> of memory</span>
        </th>
        <th scope="col" className="num">
          Latency
        </th>
        <th scope="col" className="num">
          Report
        </th>
      </tr>
    </thead>
  );
}

/** The newest report of each site's server; a click keeps only that site's sessions, another one all again. */
export function SitesPanel(props: {
  body: UsersBody | null;
  offset_ms: number;
  site: string | null;
  onSite: (site: string | null) => void;
}) {
  const { body, offset_ms, site, onSite } = props;
  return (
    <section className="panel" aria-label="Users by site">
      <header className="panel-head">
        <h2>By site</h2>
        <span className="panel-note">newest report of each server</span>
      </header>
      <div className="table-place">
        <table className="table table-user-sites">
          <caption className="visually-hidden">Newest report of each site's server</caption>
          <Head />
          <tbody>
            {siteRows(SITE_IDS, body?.sites ?? []).map((row) => (
              <SiteTableRow
                key={row.site_id}
                row={row}
                silence={body === null ? '–' : 'no report for 2 min'}
                picked={row.site_id === site}
                offset_ms={offset_ms}
                onPick={() => onSite(row.site_id === site ? null : row.site_id)}
              />
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
