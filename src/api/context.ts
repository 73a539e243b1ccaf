/** What the routes answer from. */

import type { IncomingMessage, ServerResponse } from 'node:http';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { Log } from '../lib/log.ts';
import type { Registry } from '../lib/metrics.ts';
import type { ContextStore } from './contexts.ts';
import type { HealthCheck } from './health.ts';
import type { CountsCache } from './live-counts.ts';
import type { LiveTable } from './live-table.ts';
import type { Leader } from './registry-store.ts';
import type { Overview } from './schemas.ts';
import type { SseClients } from './sse.ts';

export type ApiContext = {
  readonly table: LiveTable;
  readonly counts: CountsCache;
  readonly contexts: ContextStore;
  readonly db: Leader;
  readonly health: HealthCheck;
  readonly streams: SseClients;
  readonly registry: Registry;
  readonly log: Log;
  readonly overview: () => Overview;
  /** Milliseconds since the cluster record was last known to be true. */
  readonly viewAgeMs: () => number;
  /** False while the live table is being filled: every device would seem unknown. */
  readonly ready: () => boolean;
};

/** The fastify instance with the types of TypeBox schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;
