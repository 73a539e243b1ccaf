import type { DrillRow, DrillRun, LedgerCounts } from '../../../src/lib/control-schemas.ts';
import { formatCount } from '../lib/format.ts';
import { Wrong } from './drills-panel.tsx';
import { outageDots } from './ledger.ts';
import { formatBudgetShare, formatMeasured, YEARLY_BUDGET_S } from './steps.ts';
import { TARGET_MS } from './timeline.ts';
import { useWidth } from './use-width.ts';

type Summary = DrillRow['summary'];

function Figure({ name, value, note }: { name: string; value: string; note: string }) {
  return (
    <div className="figure">
      <dt>{name}</dt>
      <dd className="figure-value">{value}</dd>
      <dd className="figure-note">{note}</dd>
    </div>
  );
}

export function OutageFigures({ summary }: { summary: Summary }) {
  const { outage_ms, rejoin_ms, solo_ms, runs } = summary;
  const each = runs === 1 ? 'in the only run' : 'of all runs';
  return (
    <dl className="figures report-figures">
      <Figure name="p50" value={formatMeasured(outage_ms?.p50 ?? null)} note={each} />
      <Figure name="p99" value={formatMeasured(outage_ms?.p99 ?? null)} note="target 1,000 ms" />
      <Figure
        name="min – max"
        value={outage_ms === null ? '–' : `${formatCount(outage_ms.min)} – ${formatMeasured(outage_ms.max)}`}
        note={each}
      />
      <Figure
        name="Rejoin p50"
        value={formatMeasured(rejoin_ms?.p50 ?? null)}
        note={rejoin_ms === null ? 'nothing to rejoin' : `max ${formatMeasured(rejoin_ms.max)}`}
      />
      <Figure name="Solo" value={formatMeasured(solo_ms)} note="with one copy, total" />
    </dl>
  );
}

const PLOT = { height: 62, axis_y: 40, dot_y: 22, edge: 10 };

/** Every run's outage as a dot against the second that was promised. */
export function OutagePlot({ runs }: { runs: readonly DrillRun[] }) {
  const [place, outer] = useWidth<HTMLDivElement>();
  const { end_ms, dots } = outageDots(runs);
  const width = outer === null ? null : Math.max(40, outer - 2 * PLOT.edge);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) => ({ share, ms: share * end_ms }));
  return (
    <div ref={place} className="outage-plot">
      {width === null ? null : (
        <svg
          role="img"
          aria-label={`Outage of ${dots.length} runs on an axis to ${formatMeasured(end_ms)}`}
          width={width + 2 * PLOT.edge}
          height={PLOT.height}
        >
          <g transform={`translate(${PLOT.edge} 0)`} className="axis">
            <path className="axis-line" d={`M0 ${PLOT.axis_y}H${width}`} />
            {ticks.map(({ share, ms }) => (
              <text
                key={share}
                x={share * width}
                y={PLOT.height - 6}
                className={share === 0 ? 'axis-first' : share === 1 ? 'axis-last' : undefined}
              >
                {formatMeasured(ms)}
              </text>
            ))}
            <path className="axis-target" d={`M${(TARGET_MS / end_ms) * width} 4V${PLOT.axis_y}`} />
            {dots.map(({ run, outage_ms, share }) => (
              <g key={run} className={outage_ms > TARGET_MS ? 'dot dot-beyond' : 'dot'}>
                <title>{`run ${run}: ${formatMeasured(outage_ms)}`}</title>
                <circle cx={share * width} cy={PLOT.dot_y} r={5} />
              </g>
            ))}
          </g>
        </svg>
      )}
    </div>
  );
}

function LedgerRow({ store, counts }: { store: string; counts: LedgerCounts }) {
  return (
    <tr>
      <th scope="row">{store}</th>
      <td className="num">{formatCount(counts.acknowledged)}</td>
      <td className="num">
        <Wrong count={counts.lost} />
      </td>
      <td className="num">
        <Wrong count={counts.duplicated} />
      </td>
      <td className="num">{formatCount(counts.recovered)}</td>
    </tr>
  );
}

export function LedgerTable({ summary }: { summary: Summary }) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Store</th>
          <th scope="col" className="num">
            Acknowledged
          </th>
          <th scope="col" className="num">
            Lost
          </th>
          <th scope="col" className="num">
            Doubled
          </th>
          <th scope="col" className="num">
            Recovered
          </th>
        </tr>
      </thead>
      <tbody>
        <LedgerRow store="Writes" counts={summary.writes} />
        {summary.telemetry === null ? null : <LedgerRow store="Telemetry" counts={summary.telemetry} />}
      </tbody>
    </table>
  );
}

/** What the client saw, and how much of the year's error budget it cost. */
export function BudgetBar({ summary }: { summary: Summary }) {
  const { requests, error_budget_spent_s } = summary;
  const share = Math.min(1, error_budget_spent_s / YEARLY_BUDGET_S);
  return (
    <>
      <p>
        {formatCount(requests.acknowledged)} of {formatCount(requests.sent)} acknowledged ·{' '}
        <Wrong count={requests.failed} /> failed · {formatCount(requests.held)} held · worst{' '}
        {formatMeasured(requests.worst_ms)}
      </p>
      <div className="gauge budget-gauge" aria-hidden="true">
        <span style={{ transform: `scaleX(${share})` }} />
      </div>
      <p className="faint">
        {formatMeasured(error_budget_spent_s * 1000)} of the {YEARLY_BUDGET_S} s that may fail in a year at
        99.99999 %: {formatBudgetShare(error_budget_spent_s)}
      </p>
    </>
  );
}
