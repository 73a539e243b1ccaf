/** A drill report as text for a terminal. Pure. */
import type { DrillReport, DrillRun, LedgerCounts } from '../../lib/control-schemas.ts';

const ms = (value: number | null): string =>
  value === null ? '-' : value >= 10_000 ? `${(value / 1_000).toFixed(1)} s` : `${Math.round(value)} ms`;

function table(rows: readonly (readonly string[])[]): string[] {
  const widths =
    rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

function ledgerLine(name: string, counts: LedgerCounts): string {
  const recovered = counts.recovered === 0 ? '' : `, stored without an answer ${counts.recovered}`;
  return `  ${name.padEnd(10)} acknowledged ${counts.acknowledged}, lost ${counts.lost}, duplicated ${counts.duplicated}${recovered}`;
}

const stepsOf = (run: DrillRun): string =>
  run.timeline.map(({ step, after_ms }) => `${step} ${Math.round(after_ms)}`).join(' · ');

/** Lines of a report. */
export function printReport(report: DrillReport): string[] {
  const { summary } = report;
  const rows = [
    ['RUN', 'LEADER', 'EPOCH', 'OUTAGE', 'TELEMETRY', 'WORST', 'FAILED', 'REJOIN', 'LOST', 'DOUBLED'],
    ...report.runs.map((run) => [
      String(run.run),
      run.leader_before === run.leader_after
        ? run.leader_after
        : `${run.leader_before} → ${run.leader_after}`,
      String(run.epoch_after),
      ms(run.outage_ms),
      ms(run.telemetry_outage_ms),
      ms(run.requests.worst_ms),
      String(run.requests.failed),
      ms(run.rejoin_ms),
      String(run.writes.lost + (run.telemetry?.lost ?? 0)),
      String(run.writes.duplicated + (run.telemetry?.duplicated ?? 0)),
    ]),
  ];
  const spread = (name: string, of: typeof summary.outage_ms): string[] =>
    of === null
      ? []
      : [`  ${name.padEnd(10)} p50 ${ms(of.p50)}, p99 ${ms(of.p99)}, max ${ms(of.max)}, min ${ms(of.min)}`];
  return [
    `${report.id}: ${report.fault} ${report.target}: ${report.verdict.toUpperCase()}`,
    ...(report.complaint === null ? [] : [`  ${report.complaint}`]),
    `  ${report.hypothesis}`,
    `  load ${report.load.writes_per_s} writes/s, ${report.load.telemetry_per_s} readings/s; ` +
      `build ${report.build.version} ${report.build.commit ?? ''}; ${report.machine.cpus} cores`,
    '',
    ...table(rows).map((line) => `  ${line}`),
    '',
    '  timeline of each run, ms since the fault:',
    ...report.runs.map((run) => `  ${String(run.run).padStart(3)}  ${stepsOf(run)}`),
    '',
    ...spread('outage', summary.outage_ms),
    ...spread('rejoin', summary.rejoin_ms),
    ledgerLine('writes', summary.writes),
    ...(summary.telemetry === null ? [] : [ledgerLine('readings', summary.telemetry)]),
    `  requests   sent ${summary.requests.sent}, failed ${summary.requests.failed}, held ${summary.requests.held}, worst ${ms(summary.requests.worst_ms)}`,
    `  solo       ${ms(summary.solo_ms)} without a second copy`,
    `  budget     ${summary.error_budget_spent_s} s spent of 3.16 s a year (seconds with a failed or slow request)`,
  ];
}
