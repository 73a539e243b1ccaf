import type { ObjectivesBody } from '../../../src/api/observability-schemas.ts';
import { formatBurn, formatNines } from './figures.ts';

/** Above, the budget is gone before its time. */
const TOO_FAST = 1;
const PAGE_RATE = 14.4;

function Burn({ rate }: { rate: number | null }) {
  const tone = rate === null || rate <= TOO_FAST ? '' : rate > PAGE_RATE ? 'tone-alert' : 'tone-warn';
  const mark = tone === 'tone-alert' ? '◆ ' : tone === 'tone-warn' ? '▲ ' : '';
  return (
    <td className={`num ${tone}`}>
      {mark}
      {formatBurn(rate)}
    </td>
  );
}

/** What is promised, and how fast each budget burned in the last hour. */
export function ObjectivesPanel({ objectives }: { objectives: ObjectivesBody['objectives'] }) {
  return (
    <section className="panel" aria-label="Objectives">
      <header className="panel-head">
        <h2>Objectives</h2>
        <span className="panel-note">at 1 × a budget is spent exactly</span>
      </header>
      <div className="table-place">
        <table className="table table-objectives">
          <caption className="visually-hidden">Service-level objectives</caption>
          <thead>
            <tr>
              <th scope="col">Promise</th>
              <th scope="col" className="num">
                Last hour
              </th>
              <th scope="col" className="num">
                Burns
              </th>
            </tr>
          </thead>
          <tbody>
            {objectives.map(({ name, title, promise, bad, burn_rate_1h }) => {
              const hour = bad.find(({ window }) => window === '1h')?.ratio ?? null;
              return (
                <tr key={name}>
                  <th scope="row">
                    {title}
                    <span className="objective-promise">{promise}</span>
                  </th>
                  <td className="num">{formatNines(hour === null ? null : 1 - hour)}</td>
                  <Burn rate={burn_rate_1h} />
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </section>
  );
}
