import { Link } from 'wouter';
import type { SiteRow } from '../../../src/api/schemas.ts';
import { formatCount } from '../lib/format.ts';
import { PlaceholderRows } from '../shell/placeholder-rows.tsx';
import { STATE_LABELS, StateGlyph } from '../shell/state-glyph.tsx';
import { siteCondition } from './site-condition.ts';

const EXPECTED_SITES = 10;

function Count({ n, href }: { n: number; href: string }) {
  return (
    <td className="num">
      {n === 0 ? (
        <span className="faint">0</span>
      ) : (
        <Link className="cell-link" href={href}>
          {formatCount(n)}
        </Link>
      )}
    </td>
  );
}

function Row({ site }: { site: SiteRow }) {
  const condition = siteCondition(site);
  const href = `/devices?site=${encodeURIComponent(site.site_id)}`;
  return (
    <tr>
      <th scope="row">
        <Link className="cell-link site-link" href={href}>
          <StateGlyph state={condition} />
          <span className="visually-hidden">{STATE_LABELS[condition]}: </span>
          {site.site_id}
        </Link>
      </th>
      <td className="site-place">{site.place}</td>
      <td className="num">{formatCount(site.reporting)}</td>
      <Count n={site.ALERT} href={`${href}&state=ALERT`} />
      <Count n={site.WARN} href={`${href}&state=WARN`} />
      <Count n={site.stale} href={`${href}&state=STALE`} />
    </tr>
  );
}

export function SiteTable({ sites }: { sites: readonly SiteRow[] | null }) {
  return (
    <div className="site-table">
      <table className="table">
        <caption className="visually-hidden">Devices by site and state</caption>
        <thead>
          <tr>
            <th scope="col">Site</th>
            <th scope="col" className="site-place">
              Place
            </th>
            <th scope="col" className="num">
              Reporting
            </th>
            {(['ALERT', 'WARN', 'STALE'] as const).map((state) => (
              <th key={state} scope="col" className="num">
                <StateGlyph state={state} size_px={9} /> {STATE_LABELS[state]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {sites === null ? (
            <PlaceholderRows rows={EXPECTED_SITES} columns={6} />
          ) : (
            sites.map((site) => <Row key={site.site_id} site={site} />)
          )}
        </tbody>
      </table>
      {sites?.length === 0 ? <p className="faint">No site is registered.</p> : null}
    </div>
  );
}
