/** What the role counts beside its requests, for Prometheus. */
import type { LeaderPool } from '../lib/leader-pool.ts';
import { Counter, counterOf, gaugeOf, type Registry } from '../lib/metrics.ts';
import type { LiveFeed } from './live-feed.ts';
import type { LiveTable } from './live-table.ts';

/** Returns the counter of live records that were taken. */
export function feedMetrics(
  registry: Registry,
  table: LiveTable,
  feed: LiveFeed,
  viewAgeMs: () => number,
): Counter {
  gaugeOf(registry, 'tier0_api_devices', 'Registered devices in the live table', () => table.size);
  gaugeOf(
    registry,
    'tier0_api_devices_reported',
    'Devices with a reading in the live table',
    () => table.reported,
  );
  gaugeOf(registry, 'tier0_api_cache_away', '1 while Redis cannot be reached', () =>
    feed.state === 'away' ? 1 : 0,
  );
  gaugeOf(
    registry,
    'tier0_api_view_age_seconds',
    'Since the cluster record was last confirmed',
    () => viewAgeMs() / 1000,
  );
  return new Counter({
    name: 'tier0_api_feed_records_total',
    help: 'Live records taken',
    registers: [registry],
  });
}

/** What the leader's pool holds and has held. */
export function holdMetrics(registry: Registry, pool: Pick<LeaderPool, 'held'>): void {
  gaugeOf(
    registry,
    'tier0_hold_waiting',
    'Work that waits for a leader or a connection to it',
    () => pool.held.waiting,
  );
  gaugeOf(
    registry,
    'tier0_hold_waiting_bytes',
    'What waiting work keeps in memory',
    () => pool.held.waitingBytes,
  );
  counterOf(registry, 'tier0_hold_held_total', 'Work that waited for a leader', () => pool.held.held);
  counterOf(
    registry,
    'tier0_hold_failed_over_total',
    'Times that work ran again after its connection had failed',
    () => pool.held.failedOver,
  );
  new Counter({
    name: 'tier0_hold_evicted_total',
    help: 'Work that was given up, by the bound that ended it',
    labelNames: ['reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [reason, count] of Object.entries(pool.held.refused)) this.inc({ reason }, count);
    },
  });
}
