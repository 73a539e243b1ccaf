/** The users' counts as Prometheus series, and as the body of GET /health. */
import { monotonicMs, wallMs } from '../../lib/clock.ts';
import { Counter, counterOf, Gauge, gaugeOf, Histogram, type Registry } from '../../lib/metrics.ts';
import type { ReportQueue } from './report-queue.ts';
import type { Simulation } from './simulation.ts';
import type { StateName } from './virtual-user.ts';

export type View = {
  readonly users: Readonly<Record<StateName, number>>;
  /** Since start, whatever their end; a login that was sent again is one. */
  readonly requests: number;
  readonly failures: number;
  readonly last_failures: readonly string[];
  /** Errors that were asked for, by status. */
  readonly expected_errors: Readonly<Record<string, number>>;
  readonly login_retries: number;
  /** p50, p99 and max are of the last minute, and NaN (in JSON null) without requests in it; worst: since start. */
  readonly latency_ms: Readonly<Record<'p50' | 'p99' | 'max' | 'worst', number>>;
  readonly reports: { readonly confirmed: number; readonly waiting: number; readonly dropped: number };
  readonly stalled_ms: number;
};

const hundredths = (value: number): number => Math.round(value * 100) / 100;

/** `queue` is null when nothing is reported. */
export function viewOf(
  simulation: Simulation,
  queue: Pick<ReportQueue, 'confirmed' | 'waiting' | 'dropped'> | null,
): View {
  const { tally, stalledMs } = simulation;
  const { p50Ms, p99Ms, maxMs } = tally.latency({ monotonicMs: monotonicMs(), wallMs: wallMs() });
  return {
    users: simulation.states(),
    requests: tally.requests,
    failures: tally.failures,
    last_failures: [...tally.lastFailures],
    expected_errors: Object.fromEntries(tally.expectedErrors),
    login_retries: tally.retries,
    latency_ms: {
      p50: hundredths(p50Ms),
      p99: hundredths(p99Ms),
      max: hundredths(maxMs),
      worst: hundredths(tally.worstMs),
    },
    reports: {
      confirmed: queue?.confirmed ?? 0,
      waiting: queue?.waiting ?? 0,
      dropped: queue?.dropped ?? 0,
    },
    stalled_ms: Math.round(stalledMs),
  };
}

/** The histogram that `tier0 bench users` reads. */
export const LATENCY_METRIC = 'tier0_users_request_seconds';
/** From half a millisecond to 16 s, each 9 % above the one before. */
const BOUNDS_S = Array.from({ length: 121 }, (_, index) =>
  Number((0.0005 * 2 ** (index / 8)).toPrecision(4)),
);

const COUNTERS: readonly [name: string, help: string, read: (view: View) => number][] = [
  ['requests', 'Requests that are over, however they ended', (view) => view.requests],
  ['failures', 'Requests without an answer in 15 s or with a wrong one', (view) => view.failures],
  ['login_retries', 'Logins sent again after a 503', (view) => view.login_retries],
  ['reports_confirmed', 'Reports of site servers in the queue', (view) => view.reports.confirmed],
  ['reports_dropped', 'Reports given up because too many waited', (view) => view.reports.dropped],
];

/** Registers everything; `view` is read on every scrape. Returns what takes the duration of each request. */
export function registerMetrics(registry: Registry, view: () => View): (tookMs: number) => void {
  for (const [name, help, read] of COUNTERS) {
    counterOf(registry, `tier0_users_${name}_total`, help, () => read(view()));
  }
  gaugeOf(registry, 'tier0_users_reports_waiting', 'Reports not confirmed yet', () => view().reports.waiting);
  const registers = [registry];
  new Counter({
    name: 'tier0_users_expected_errors_total',
    help: 'Errors that were asked for',
    labelNames: ['status'],
    registers,
    collect() {
      this.reset();
      for (const [status, count] of Object.entries(view().expected_errors)) this.inc({ status }, count);
    },
  });
  new Gauge({
    name: 'tier0_users',
    help: 'Users by what they do',
    labelNames: ['state'],
    registers,
    collect() {
      for (const [state, count] of Object.entries(view().users)) this.set({ state }, count);
    },
  });
  const latency = new Histogram({
    name: LATENCY_METRIC,
    help: 'From the first attempt to the end of the answer, or until the failure was known',
    buckets: BOUNDS_S,
    registers,
  });
  return (tookMs) => latency.observe(tookMs / 1000);
}
