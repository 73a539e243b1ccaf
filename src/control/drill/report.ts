/** A drill's summary over its runs, and the report. Pure. */
import type { DrillReport, DrillRun, LedgerCounts } from '../../lib/control-schemas.ts';

/** The p-quantile by nearest rank; `values` need not be sorted. Throws on an empty list. */
function quantile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.max(0, Math.ceil(p * sorted.length) - 1)];
  if (value === undefined) throw new RangeError('no values');
  return value;
}

type Distribution = NonNullable<DrillReport['summary']['outage_ms']>;

export function distribution(values: readonly number[]): Distribution | null {
  if (values.length === 0) return null;
  return {
    min: quantile(values, 0),
    p50: quantile(values, 0.5),
    p99: quantile(values, 0.99),
    max: quantile(values, 1),
  };
}

const NO_ENTRIES: LedgerCounts = { acknowledged: 0, lost: 0, duplicated: 0, recovered: 0 };

function addLedgers(ledgers: readonly LedgerCounts[]): LedgerCounts {
  return ledgers.reduce(
    (sum, one) => ({
      acknowledged: sum.acknowledged + one.acknowledged,
      lost: sum.lost + one.lost,
      duplicated: sum.duplicated + one.duplicated,
      recovered: sum.recovered + one.recovered,
    }),
    NO_ENTRIES,
  );
}

/** `badSeconds`: seconds in which a request failed or took longer than 5 s. */
export function summarise(runs: readonly DrillRun[], badSeconds: number): DrillReport['summary'] {
  const sum = (of: (run: DrillRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const telemetry = runs.flatMap((run) => (run.telemetry === null ? [] : [run.telemetry]));
  return {
    runs: runs.length,
    outage_ms: distribution(runs.map((run) => run.outage_ms)),
    rejoin_ms: distribution(runs.flatMap((run) => (run.rejoin_ms === null ? [] : [run.rejoin_ms]))),
    solo_ms: Math.round(sum((run) => run.solo_ms ?? 0)),
    requests: {
      sent: sum((run) => run.requests.sent),
      acknowledged: sum((run) => run.requests.acknowledged),
      failed: sum((run) => run.requests.failed),
      held: sum((run) => run.requests.held),
      worst_ms: Math.max(0, ...runs.map((run) => run.requests.worst_ms)),
    },
    writes: addLedgers(runs.map((run) => run.writes)),
    telemetry: telemetry.length === 0 ? null : addLedgers(telemetry),
    error_budget_spent_s: badSeconds,
  };
}

/** Why a run does not keep the promise; null when it does. */
export function complaintOf(run: Omit<DrillRun, 'complaint'>, expectsTakeover: boolean): string | null {
  const { writes, telemetry, requests } = run;
  const lost = writes.lost + (telemetry?.lost ?? 0);
  const duplicated = writes.duplicated + (telemetry?.duplicated ?? 0);
  if (lost > 0) return `${lost} acknowledged writes or readings are lost`;
  if (duplicated > 0) return `${duplicated} writes or readings are stored twice`;
  if (requests.failed > 0) return `${requests.failed} requests failed`;
  const moved = run.leader_after !== run.leader_before;
  if (expectsTakeover && !moved) return 'the leader did not move';
  if (!expectsTakeover && moved) return `${run.leader_after} took over, and should not have`;
  return null;
}
