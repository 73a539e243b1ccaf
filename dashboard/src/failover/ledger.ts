/** Sums and verdicts of drills, as they read in lists and reports. */
import type { DrillRow, DrillRun, LedgerCounts } from '../../../src/lib/control-schemas.ts';
import { formatCount } from '../lib/format.ts';

export type Verdict = DrillRow['verdict'];

export const VERDICTS: Readonly<Record<Verdict, { mark: string; badge: string }>> = {
  passed: { mark: '✓', badge: 'badge-ok' },
  failed: { mark: '◆', badge: 'badge-alert' },
  aborted: { mark: '▲', badge: 'badge-warn' },
};

/** Both stores together; telemetry is absent where the drill sent none. */
export function ledgerTotal(writes: LedgerCounts, telemetry: LedgerCounts | null): LedgerCounts {
  if (telemetry === null) return writes;
  return {
    acknowledged: writes.acknowledged + telemetry.acknowledged,
    lost: writes.lost + telemetry.lost,
    duplicated: writes.duplicated + telemetry.duplicated,
    recovered: writes.recovered + telemetry.recovered,
  };
}

/** `0` is the promise; anything else is marked in words too. */
export function isClean({ lost, duplicated }: LedgerCounts): boolean {
  return lost === 0 && duplicated === 0;
}

export function ledgerSentence(ledger: LedgerCounts): string {
  const acknowledged = `${formatCount(ledger.acknowledged)} acknowledged`;
  if (isClean(ledger)) return `${acknowledged}, none lost, none doubled`;
  return `${acknowledged}, ${formatCount(ledger.lost)} lost, ${formatCount(ledger.duplicated)} doubled`;
}

/** The run to look at first: one that failed, else the one with the longest outage. Null without runs. */
export function worstRun(runs: readonly DrillRun[]): DrillRun | null {
  return runs.reduce<DrillRun | null>((worst, run) => {
    if (worst === null) return run;
    if ((run.complaint !== null) !== (worst.complaint !== null)) return run.complaint === null ? worst : run;
    return run.outage_ms > worst.outage_ms ? run : worst;
  }, null);
}

export type Dot = { readonly run: number; readonly outage_ms: number; readonly share: number };

/** Each run's outage as a share of an axis that ends at `end_ms`: a round second beyond the longest. */
export function outageDots(runs: readonly DrillRun[]): { end_ms: number; dots: Dot[] } {
  const longest = Math.max(1, ...runs.map(({ outage_ms }) => outage_ms));
  const end_ms = Math.max(1000, Math.ceil(longest / 500) * 500);
  const dots = runs.map(({ run, outage_ms }) => ({ run, outage_ms, share: outage_ms / end_ms }));
  return { end_ms, dots };
}
