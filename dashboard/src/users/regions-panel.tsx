import type { UsersBody } from '../../../src/api/user-schemas.ts';
import { formatCount } from '../lib/format.ts';
import { SessionMark } from './session-status.tsx';
import { barShares, regionRows } from './user-figures.ts';
import { REGIONS, type UserQuery } from './user-query.ts';

/** Where people sit; a click keeps only that region, another one all again. */
export function RegionsPanel(props: {
  body: UsersBody | null;
  region: UserQuery['region'];
  onRegion: (region: UserQuery['region']) => void;
}) {
  const { body, region, onRegion } = props;
  const rows = regionRows(REGIONS, body?.regions ?? []);
  const bars = barShares(rows);
  const count = (n: number) => (body === null ? '–' : formatCount(n));
  return (
    <section className="panel" aria-label="Users by region">
      <header className="panel-head">
        <h2>By region</h2>
        <span className="region-legend" aria-hidden="true">
          <SessionMark status="active" /> active <SessionMark status="idle" /> idle
        </span>
      </header>
      <ul className="region-list">
        {rows.map((row, i) => {
          const known = REGIONS.find((name) => name === row.region) ?? null;
          return (
            <li key={row.region}>
              <button
                type="button"
                className="region-row"
                aria-pressed={known !== null && known === region}
                disabled={known === null}
                onClick={() => onRegion(known === region ? null : known)}
              >
                <span className="region-name">{row.region}</span>
                <span className="region-bar" aria-hidden="true">
                  <span className="bar-active" style={{ flexGrow: bars[i]?.active ?? 0 }} />
                  <span className="bar-idle" style={{ flexGrow: bars[i]?.idle ?? 0 }} />
                </span>
                <span className="num">
                  {count(row.active)}
                  <span className="visually-hidden"> active,</span>
                </span>
                <span className="num faint">
                  {count(row.idle)}
                  <span className="visually-hidden"> idle</span>
                </span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
