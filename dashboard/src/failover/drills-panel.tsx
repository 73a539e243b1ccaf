import { Link } from 'wouter';
import type { DrillRow, DrillsBody } from '../../../src/lib/control-schemas.ts';
import { formatCount, formatDateTime } from '../lib/format.ts';
import { faultTitle } from './faults.ts';
import { isClean, ledgerTotal, VERDICTS } from './ledger.ts';
import { formatBudgetShare, formatMeasured } from './steps.ts';

export function VerdictBadge({ verdict }: { verdict: DrillRow['verdict'] }) {
  const { mark, badge } = VERDICTS[verdict];
  return (
    <span className={`badge ${badge}`}>
      {mark} {verdict}
    </span>
  );
}

/** A count that should be nothing, marked when it is not. */
export function Wrong({ count }: { count: number }) {
  return count === 0 ? <>0</> : <strong className="tone-alert">◆ {formatCount(count)}</strong>;
}

function Row({ drill }: { drill: DrillRow }) {
  const { outage_ms, rejoin_ms, runs, requests, writes, telemetry, error_budget_spent_s } = drill.summary;
  const ledger = ledgerTotal(writes, telemetry);
  return (
    <tr className={isClean(ledger) ? undefined : 'row-wrong'}>
      <td className="cell-time">{formatDateTime(drill.started_at)}</td>
      <td className="cell-fault">
        <Link href={`/failover/drills/${encodeURIComponent(drill.id)}`}>
          {faultTitle(drill.fault, drill.target)}
        </Link>
        {drill.complaint === null ? null : <div className="cell-complaint">{drill.complaint}</div>}
      </td>
      <td>
        <VerdictBadge verdict={drill.verdict} />
      </td>
      <td className="num cell-wide">{formatCount(runs)}</td>
      <td className="num">{formatMeasured(outage_ms?.p50 ?? null)}</td>
      <td className="num cell-wide">{formatMeasured(outage_ms?.p99 ?? null)}</td>
      <td className="num">{formatMeasured(outage_ms?.max ?? null)}</td>
      <td className="num cell-wide">{formatMeasured(rejoin_ms?.p50 ?? null)}</td>
      <td className="num cell-wide">{formatCount(ledger.acknowledged)}</td>
      <td className="num">
        <Wrong count={ledger.lost} />
      </td>
      <td className="num cell-wide">
        <Wrong count={ledger.duplicated} />
      </td>
      <td className="num cell-wide">
        <Wrong count={requests.failed} />
      </td>
      <td className="num cell-wide">
        {formatMeasured(error_budget_spent_s * 1000)}{' '}
        <span className="unit">{formatBudgetShare(error_budget_spent_s)}</span>
      </td>
    </tr>
  );
}

/** Every kept drill with its ledger. The name of the fault opens the report. */
export function DrillsPanel({ body }: { body: DrillsBody | null }) {
  return (
    <section className="panel drills" aria-label="Drill reports">
      <header className="panel-head">
        <h2>Drill reports</h2>
        <span className="panel-note">
          {body === null ? '' : `newest ${body.drills.length} of ${formatCount(body.total)} · UTC`}
        </span>
      </header>
      {body !== null && body.drills.length === 0 ? (
        <p className="faint">No drill has been run. The first one takes about ten seconds.</p>
      ) : (
        <div className="table-place">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Started</th>
                <th scope="col">Fault</th>
                <th scope="col">Verdict</th>
                <th scope="col" className="num cell-wide">
                  Runs
                </th>
                <th scope="col" className="num">
                  Outage p50
                </th>
                <th scope="col" className="num cell-wide">
                  p99
                </th>
                <th scope="col" className="num">
                  max
                </th>
                <th scope="col" className="num cell-wide">
                  Rejoin p50
                </th>
                <th scope="col" className="num cell-wide">
                  Acknowledged
                </th>
                <th scope="col" className="num">
                  Lost
                </th>
                <th scope="col" className="num cell-wide">
                  Doubled
                </th>
                <th scope="col" className="num cell-wide">
                  Failed
                </th>
                <th scope="col" className="num cell-wide">
                  Budget of 3.16 s
                </th>
              </tr>
            </thead>
            <tbody>
              {body?.drills.map((drill) => (
                <Row key={drill.id} drill={drill} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
