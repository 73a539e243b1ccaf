/** Service-level objectives as data: what is promised, and what PromQL counts as a breach of it. */
import { OBJECTIVE } from './availability.ts';

/** Slower than this is a breach of the objectives of latency, and of durability for a reading. */
const SLOW_S = 1;
/** WAL that the standby has not flushed; above, a commit waits noticeably for the other region. */
const LAG_BYTES = 16 * 1024 * 1024;

export type Objective = {
  readonly name: 'availability' | 'latency' | 'durability' | 'replication';
  /** For people, on the page. */
  readonly title: string;
  readonly promise: string;
  /** Share of events, or of time, that must be good. */
  readonly objective: number;
  /** PromQL: the share of bad ones over a window of `BURN_WINDOWS`. */
  readonly badRatio: (window: string) => string;
};

const WINDOW_S: Readonly<Record<string, number>> = {
  '5m': 300,
  '30m': 1_800,
  '1h': 3_600,
  '6h': 21_600,
  '3d': 259_200,
};
export const BURN_WINDOWS: readonly string[] = Object.keys(WINDOW_S);

/**
 * Bad events among those of a whole window, of which there is one a second at least: in the first minutes after a start
 * a single slow answer is a large share of what was measured, and a small one of what the budget allows for an hour.
 */
const share = (bad: string, all: string, window: string): string =>
  `sum(increase(${bad}[${window}])) / clamp_min(sum(increase(${all}[${window}])), ${WINDOW_S[window]})`;

/** Share of probes that took longer than `SLOW_S`; a histogram's bucket ends there. */
const slower = (probes: string, window: string): string => {
  const count = `tier0_probe_duration_seconds_count{probe=~"${probes}"}`;
  const quick = `tier0_probe_duration_seconds_bucket{probe=~"${probes}", le="${SLOW_S}"}`;
  return `(sum(increase(${count}[${window}])) - sum(increase(${quick}[${window}]))) / clamp_min(sum(increase(${count}[${window}])), ${WINDOW_S[window]})`;
};

export const OBJECTIVES: readonly Objective[] = [
  {
    name: 'availability',
    title: 'Availability',
    promise: '99.99999 % of requests are answered correctly within 5 s',
    objective: OBJECTIVE,
    badRatio: (window) => share('tier0_probe_total{result="bad"}', 'tier0_probe_total', window),
  },
  {
    name: 'latency',
    title: 'Latency',
    promise: '99.9 % of reads, writes and questions are answered within 1 s',
    objective: 0.999,
    badRatio: (window) => slower('read|write|ask', window),
  },
  {
    name: 'durability',
    title: 'Durability lag',
    promise: '99.9 % of readings are in both regions and acknowledged within 1 s',
    objective: 0.999,
    badRatio: (window) => slower('publish', window),
  },
  {
    name: 'replication',
    title: 'Replication lag',
    promise: 'The standby is less than 16 MiB behind for 99.9 % of the time',
    objective: 0.999,
    badRatio: (window) => `avg_over_time(tier0:replication_late[${window}])`,
  },
];

/** 1 while the standby is late: what `replication` averages. */
export const REPLICATION_LATE = `max(tier0_replication_lag_bytes > bool ${LAG_BYTES})`;

export type BurnRate = {
  readonly severity: 'page' | 'ticket';
  readonly long: string;
  readonly short: string;
  readonly rate: number;
  /** Share of a 30-day budget that is spent when it fires. */
  readonly spent: string;
};

/** Google SRE Workbook, chapter 5, table 5-8. Both windows must exceed the rate. */
export const BURN_RATES: readonly BurnRate[] = [
  { severity: 'page', long: '1h', short: '5m', rate: 14.4, spent: '2 %' },
  { severity: 'page', long: '6h', short: '30m', rate: 6, spent: '5 %' },
  { severity: 'ticket', long: '3d', short: '6h', rate: 1, spent: '10 %' },
];

/** The recorded series of an objective's bad share over a window. */
export const ratioSeries = (name: Objective['name'], window: string): string =>
  `tier0:slo_bad:ratio_rate${window}{slo="${name}"}`;
