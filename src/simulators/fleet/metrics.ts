/** The simulator's counts as Prometheus series. */
import { counterOf, gaugeOf, type Registry } from '../../lib/metrics.ts';

/** Since start; `inFlight` and `connected` are of now. */
export type Totals = {
  readonly generated: number;
  readonly unsent: number;
  readonly sent: number;
  readonly resent: number;
  readonly acknowledged: number;
  readonly inFlight: number;
  readonly reconnects: number;
  readonly connected: number;
};

const COUNTERS = {
  generated: 'Readings that devices wanted to send',
  unsent: 'Readings given up because the window of unacknowledged messages was full',
  sent: 'Readings written to a connection for the first time',
  resent: 'Transmissions that repeat an unacknowledged reading',
  acknowledged: 'Readings acknowledged with PUBACK',
  reconnects: 'Connections lost or refused',
} as const;
const GAUGES = {
  inFlight: ['in_flight', 'Readings taken on and not acknowledged'],
  connected: ['connections', 'Connections that are up'],
} as const;

/** `totals` is read on every scrape. */
export function registerMetrics(registry: Registry, totals: () => Totals): void {
  for (const key of ['generated', 'unsent', 'sent', 'resent', 'acknowledged', 'reconnects'] as const) {
    counterOf(registry, `tier0_simulator_${key}_total`, COUNTERS[key], () => totals()[key]);
  }
  for (const key of ['inFlight', 'connected'] as const) {
    const [name, help] = GAUGES[key];
    gaugeOf(registry, `tier0_simulator_${name}`, help, () => totals()[key]);
  }
}
