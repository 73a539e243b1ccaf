/** The text that `tier0 bench ingest` prints. */
import type { BaselineResult } from './baseline.ts';
import type { LedgerResult } from './ledger.ts';
import type { LoadResult } from './load.ts';
import type { Usage } from './process-cpu.ts';
import { count, fixed, megabytes, table } from './table.ts';

export type IngestRun = {
  readonly way: 'direct' | 'edge';
  /** Offered readings a second, 0: as many as the windows allow. */
  readonly rate: number;
  readonly connections: number;
  readonly load: LoadResult;
  readonly usage: readonly Usage[];
  readonly ledger: LedgerResult;
  /** Of readings that arrived at ingest while it was measured. */
  readonly storedPerSecond: number;
};

const TITLES = { direct: 'straight to ingest', edge: 'through Mosquitto' } as const;
/** Processes that cost less than this are summed up in one line. */
const MIN_CPU_PERCENT = 0.5;

export function reportRun({ way, rate, connections, load, usage, ledger }: IngestRun): string {
  const offered = rate === 0 ? 'as fast as possible' : `${count(rate)} readings/s offered`;
  const ack = way === 'direct' ? 'PUBACK after the commit in both regions' : "PUBACK is the site broker's";
  const { p50Ms, p99Ms, maxMs } = load.latency;
  return [
    `Ingest ${TITLES[way]}: ${connections} connections, ${fixed(load.messageBytes, 0)} bytes a message, ${offered}`,
    `  ${count(load.perSecond)} readings/s acknowledged over ${fixed(load.seconds, 1)} s (${ack})`,
    `  publish -> PUBACK: p50 ${fixed(p50Ms, 1)} ms, p99 ${fixed(p99Ms, 1)} ms, max ${fixed(maxMs, 1)} ms`,
    `  ledger: acknowledged ${count(ledger.acknowledged)}, stored ${count(ledger.stored)}, lost ${count(ledger.lost)}, duplicated ${count(ledger.duplicated)}, never acknowledged ${count(load.sent - load.acknowledged)}`,
    indent(usageTable(usage, load)),
  ].join('\n');
}

export function reportBaseline({ load, stored, storedPerSecond, missing, usage }: BaselineResult): string {
  return [
    'Baseline: Mosquitto, subscriber, JSON.parse, INSERT of 100 rows, acknowledged on receipt',
    `  ${count(storedPerSecond)} readings/s stored, ${count(load.perSecond)} readings/s acknowledged by the broker`,
    `  ledger: acknowledged ${count(load.acknowledged)}, stored ${count(stored)}, missing ${count(missing)}`,
    indent(usageTable(usage, load)),
  ].join('\n');
}

/** One line a way, so that they can be compared. */
export function reportRuns(runs: readonly IngestRun[], baseline: BaselineResult | undefined): string {
  const rows = runs.map(({ way, load, ledger, usage, storedPerSecond }) => [
    TITLES[way],
    count(load.perSecond),
    count(storedPerSecond),
    fixed(load.latency.p50Ms, 1),
    fixed(load.latency.p99Ms, 1),
    fixed(totalCpuPercent(usage, load), 0),
    count(ledger.lost),
    count(ledger.duplicated),
  ]);
  if (baseline !== undefined) {
    const { load, storedPerSecond, missing, usage } = baseline;
    rows.push([
      'baseline',
      count(load.perSecond),
      count(storedPerSecond),
      fixed(load.latency.p50Ms, 1),
      fixed(load.latency.p99Ms, 1),
      fixed(totalCpuPercent(usage, load), 0),
      count(missing),
      '0',
    ]);
  }
  return table(
    ['', 'acked/s', 'stored/s', 'p50 ms', 'p99 ms', 'CPU % of a core', 'lost', 'duplicated'],
    rows,
  );
}

function usageTable(usage: readonly Usage[], load: LoadResult): string {
  const shown = usage
    .filter(({ cpuPercent }) => cpuPercent >= MIN_CPU_PERCENT)
    .sort((one, other) => other.cpuPercent - one.cpuPercent);
  const rest = usage.filter(({ cpuPercent }) => cpuPercent < MIN_CPU_PERCENT);
  const sum = (of: (one: Usage) => number): number => rest.reduce((total, one) => total + of(one), 0);
  const line = (name: string, percent: number, seconds: number, memory: string): string[] => [
    name,
    fixed(percent, 1),
    fixed(seconds, 2),
    memory,
  ];
  return table(
    ['process', 'CPU %', 'CPU s', 'MB'],
    [
      ...shown.map((one) => line(one.name, one.cpuPercent, one.cpuSeconds, megabytes(one.residentBytes))),
      line(
        `${rest.length} others`,
        sum((one) => one.cpuPercent),
        sum((one) => one.cpuSeconds),
        megabytes(sum((one) => one.residentBytes)),
      ),
      line('load generator', generatorPercent(load), load.generatorCpuSeconds, ''),
    ],
  );
}

function totalCpuPercent(usage: readonly Usage[], load: LoadResult): number {
  return usage.reduce((sum, { cpuPercent }) => sum + cpuPercent, generatorPercent(load));
}

function generatorPercent(load: LoadResult): number {
  return (load.generatorCpuSeconds / load.seconds) * 100;
}

function indent(text: string): string {
  return text
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
