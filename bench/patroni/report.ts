/** The figures as tables: Patroni's, and the ratio to those of Tier-0 on the same machine. Pure. */
import { fixed, table } from '../table.ts';
import type { CaseName, Run } from './drive.ts';
import type { TuningName } from './settings.ts';

export type Summary = {
  readonly case: CaseName;
  readonly tuning: TuningName;
  readonly runs: number;
  readonly minMs: number;
  readonly medianMs: number;
  readonly maxMs: number;
  readonly medianPauseMs: number;
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicated: number;
};

/** What Tier-0's drill measured of the same case. */
export type Ours = {
  readonly case: CaseName;
  readonly runs: number;
  readonly minMs: number;
  readonly medianMs: number;
  readonly maxMs: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Why the drill did not pass; null when it did. */
  readonly complaint: string | null;
};

const CASE_TITLES: Readonly<Record<CaseName, string>> = {
  node: 'node killed',
  postgres: 'PostgreSQL killed',
  switchover: 'planned switchover',
};

/** The middle value; the mean of the two in the middle when their number is even. NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** One summary for every case and tuning that was run, in the order of their first runs. */
export function summarise(runs: readonly Run[]): Summary[] {
  const groups = Map.groupBy(runs, (run) => `${run.case} ${run.tuning}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const outages = group.map(({ outageMs }) => outageMs);
    const total = (of: 'acknowledged' | 'lost' | 'duplicated'): number =>
      group.reduce((sum, { ledger }) => sum + ledger[of], 0);
    return [
      {
        case: first.case,
        tuning: first.tuning,
        runs: group.length,
        minMs: Math.min(...outages),
        medianMs: median(outages),
        maxMs: Math.max(...outages),
        medianPauseMs: median(group.map(({ pauseMs }) => pauseMs)),
        acknowledged: total('acknowledged'),
        lost: total('lost'),
        duplicated: total('duplicated'),
      },
    ];
  });
}

const HEAD = [
  'case',
  'system',
  'runs',
  'min s',
  'median s',
  'max s',
  'median pause s',
  'acknowledged',
  'lost',
  'duplicated',
];
const seconds = (ms: number): string => fixed(ms / 1_000, 2);

export function patroniTable(summaries: readonly Summary[]): string {
  return table(
    HEAD,
    summaries.map((row) => [
      CASE_TITLES[row.case],
      `Patroni ${row.tuning}`,
      String(row.runs),
      seconds(row.minMs),
      seconds(row.medianMs),
      seconds(row.maxMs),
      seconds(row.medianPauseMs),
      String(row.acknowledged),
      String(row.lost),
      String(row.duplicated),
    ]),
  );
}

/** How many times longer Patroni's median is; NaN when either is missing or ours is 0. */
export function ratio(patroniMs: number, oursMs: number): number {
  return oursMs > 0 ? patroniMs / oursMs : Number.NaN;
}

/** A line for every case that both were measured in. */
export function ratioTable(summaries: readonly Summary[], ours: readonly Ours[]): string {
  return table(
    [
      'case',
      'against',
      'Patroni median s',
      'Tier-0 median s',
      'ratio',
      'Tier-0 min–max s',
      'lost',
      'duplicated',
    ],
    summaries.flatMap((theirs) => {
      const own = ours.find((candidate) => candidate.case === theirs.case);
      if (own === undefined) return [];
      return [
        [
          CASE_TITLES[theirs.case],
          `Patroni ${theirs.tuning}`,
          seconds(theirs.medianMs),
          seconds(own.medianMs),
          `${fixed(ratio(theirs.medianMs, own.medianMs), 1)} ×`,
          `${seconds(own.minMs)}–${seconds(own.maxMs)}`,
          String(own.lost),
          String(own.duplicated),
        ],
      ];
    }),
  );
}
