import { PROBES } from '../lib/availability.ts';
import { Counter, gaugeOf, Histogram, type Registry } from '../lib/metrics.ts';
import type { Outcome } from './observer.ts';

export type ProberMetrics = {
  readonly outcome: (outcome: Outcome) => void;
  readonly stored: Counter;
  readonly stalled: Counter;
  readonly clockBack: Counter;
};

/** `waiting`: seconds that are not in the database yet. */
export function proberMetrics(registry: Registry, waiting: () => number): ProberMetrics {
  const registers = [registry];
  const total = new Counter({
    name: 'tier0_probe_total',
    help: 'Probes from outside the regions; good: answered correctly within 5 s',
    labelNames: ['probe', 'result'],
    registers,
  });
  // A rate needs the 0 before the first bad one.
  for (const probe of PROBES) for (const result of ['good', 'bad']) total.inc({ probe, result }, 0);
  const duration = new Histogram({
    name: 'tier0_probe_duration_seconds',
    help: 'How long probes took, good and bad',
    labelNames: ['probe'],
    buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  });
  gaugeOf(registry, 'tier0_ledger_waiting_seconds', 'Observed seconds that are not stored yet', waiting);
  const counter = (name: string, help: string): Counter => new Counter({ name, help, registers });
  return {
    outcome: ({ probe, failure, tookMs }) => {
      total.inc({ probe, result: failure === null ? 'good' : 'bad' });
      duration.observe({ probe }, tookMs / 1_000);
    },
    stored: counter('tier0_ledger_stores_total', 'Times that the ledger was stored in both regions'),
    stalled: counter(
      'tier0_prober_stalled_seconds_total',
      'Time that nobody observed: the prober stood still',
    ),
    clockBack: counter('tier0_prober_clock_back_total', 'Times that the clock went back'),
  };
}
