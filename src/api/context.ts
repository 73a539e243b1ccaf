/** What the routes answer from. */

import type { Leader } from '../lib/bounded-leader.ts';
import type { Log } from '../lib/log.ts';
import type { Registry } from '../lib/metrics.ts';
import type { SseClients } from '../lib/sse.ts';
import type { ContextStore } from './contexts.ts';
import type { ReadGate } from './freshness.ts';
import type { HealthCheck } from './health.ts';
import type { CountsCache } from './live-counts.ts';
import type { LiveTable } from './live-table.ts';
import type { Prometheus } from './prometheus.ts';
import type { Overview } from './schemas.ts';
import type { Users } from './users.ts';

export type ApiContext = {
  readonly table: LiveTable;
  readonly counts: CountsCache;
  readonly contexts: ContextStore;
  readonly db: Leader;
  readonly health: HealthCheck;
  readonly streams: SseClients;
  readonly users: Users;
  readonly registry: Registry;
  readonly prometheus: Prometheus;
  readonly prometheusPort: number;
  readonly log: Log;
  readonly overview: () => Overview;
  /** Milliseconds since the cluster record was last known to be true. */
  readonly viewAgeMs: () => number;
  /** False while the live table is being filled: every device would seem unknown. */
  readonly ready: () => boolean;
  /** What reads wait for. */
  readonly reads: ReadGate;
};
