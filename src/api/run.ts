/**
 * The API role: answers reads of the fleet from memory (live state) and from the leader (history, rejects).
 * One instance runs in each data region behind nginx; it holds nothing that it cannot fetch again.
 */
import type { Redis } from 'ioredis';
import type { QueryResultRow } from 'pg';
import { after, monotonicMs, wallMs } from '../lib/clock.ts';
import { ClusterWatch, READER_POLL_MS } from '../lib/cluster.ts';
import { UnavailableError } from '../lib/errors.ts';
import { ACCEPT_BACKLOG } from '../lib/http-server.ts';
import { LeaderPool } from '../lib/leader-pool.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { type Counter, createRegistry } from '../lib/metrics.ts';
import { createRedis } from '../lib/redis.ts';
import { readSecrets } from '../lib/secrets.ts';
import { type Topology, topology } from '../lib/topology.ts';
import type { ApiConfig } from './config.ts';
import type { ApiContext } from './context.ts';
import { ContextStore } from './contexts.ts';
import { MAX_VIEW_AGE_MS } from './freshness.ts';
import { HealthCheck, type Probe, probeHttp } from './health.ts';
import { CountsCache } from './live-counts.ts';
import { LiveFeed } from './live-feed.ts';
import { LiveFiller } from './live-filler.ts';
import { LiveTable } from './live-table.ts';
import { feedMetrics, holdMetrics } from './metrics.ts';
import { buildOverview } from './overview.ts';
import type { Database, Leader } from './registry-store.ts';
import { PROBE_WARM_UP } from './routes/writes.ts';
import { buildServer } from './server.ts';
import { SseClients } from './sse.ts';
import { StorageWatch } from './storage.ts';

/** The pool holds work for 5 s while there is no leader; a statement may take as long again. */
const QUERY_DEADLINE_MS = 10_000;

/** The leader's connections, behind a deadline: a query on a server that hangs must not hold a request. */
function withDeadline(pool: LeaderPool): Leader {
  const bounded = <T>(work: Promise<T>): Promise<T> =>
    new Promise((resolve, reject) => {
      const cancel = after(QUERY_DEADLINE_MS, () =>
        reject(new UnavailableError('the leader did not answer in time')),
      );
      work.then(resolve, reject).finally(cancel);
    });
  return {
    query: <R extends QueryResultRow>(text: string, values: readonly unknown[] = []) =>
      bounded(pool.query<R>(text, values)),
    withClient: (work, options) => bounded(pool.withClient(work, options)),
  };
}

function probes(
  parts: { readonly db: Database; readonly redis: Redis; readonly viewAgeMs: () => number },
  ports: Topology,
  region: ApiConfig['region'],
): ReadonlyMap<string, Probe> {
  return new Map<string, Probe>([
    ['postgres', () => parts.db.query('SELECT 1')],
    ['redis', () => parts.redis.ping()],
    ['mqtt', () => probeHttp(`http://${ports.host}:${ports[region].ingestHttp}/health`)],
    [
      'etcd',
      async () => {
        if (parts.viewAgeMs() >= MAX_VIEW_AGE_MS) throw new UnavailableError('etcd does not confirm');
      },
    ],
  ]);
}

/** Connections to the leader; closed last, when nothing can ask any more. */
function openLeader(config: ApiConfig, ports: Topology, lifecycle: Lifecycle, log: Log) {
  const watch = new ClusterWatch({ topology: ports, self: config.region, pollMs: READER_POLL_MS, log });
  watch.start();
  lifecycle.onClose('cluster watch', () => watch.close());
  const pool = new LeaderPool({
    topology: ports,
    watch,
    user: 'tier0_api',
    password: readSecrets(config.dataDir).postgres.api,
    log,
    maxConnections: config.maxConnections,
    applicationName: `api-${config.region}`,
    warmUp: [PROBE_WARM_UP],
  });
  lifecycle.onClose('leader pool', () => pool.close());
  return { watch, pool, db: withDeadline(pool) };
}

/** Starts the role; resolves once it listens. It answers 503 until the live table is filled. */
export async function run(config: ApiConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const ports = topology(config.portOffset);
  const registry = createRegistry('api', config.region);
  const { watch, pool, db } = openLeader(config, ports, lifecycle, log);
  holdMetrics(registry, pool);
  const viewAgeMs = (): number => monotonicMs() - watch.view.confirmedMs;
  const password = readSecrets(config.dataDir).redis;
  const redisOf = (purpose: string): Redis => {
    const redis = createRedis({ topology: ports, password, log, name: `api-${config.region}-${purpose}` });
    lifecycle.onClose(`redis ${purpose}`, () => redis.disconnect());
    return redis;
  };
  const commands = redisOf('commands');
  const table = new LiveTable({ expectedIntervalS: config.expectedIntervalS, startedMs: wallMs() });
  let takenRecords: Counter | undefined;
  const feed = new LiveFeed({
    table,
    commands,
    subscriber: redisOf('feed'),
    log,
    onRecords: (count) => takenRecords?.inc(count),
  });
  takenRecords = feedMetrics(registry, table, feed, viewAgeMs);
  feed.start();
  lifecycle.onClose('live feed', () => feed.close());
  const filler = new LiveFiller({ db, table, feed, windowMs: config.rebuildWindowS * 1000, log });
  filler.start();
  lifecycle.onClose('live filler', () => filler.close());
  const storage = new StorageWatch(db, log);
  storage.start();
  lifecycle.onClose('storage watch', () => storage.close());
  const counts = new CountsCache(table);
  const ready = (): boolean => filler.ready;
  const context: ApiContext = {
    table,
    counts,
    contexts: new ContextStore(db),
    db,
    health: new HealthCheck(
      config.region,
      probes({ db, redis: commands, viewAgeMs }, ports, config.region),
      ready,
    ),
    streams: new SseClients(config.maxStreams),
    registry,
    log,
    viewAgeMs,
    ready,
    overview: () => {
      const at = { wallMs: wallMs(), monotonicMs: monotonicMs() };
      return buildOverview({
        ...at,
        servedBy: config.region,
        cluster: watch.view,
        ingests: feed.ingestStats,
        fleet: counts.at(at.monotonicMs, at.wallMs).fleet,
        storage: storage.sizes,
        storageLimitBytes: config.storageLimitBytes,
      });
    },
  };
  const app = await buildServer(context);
  lifecycle.onClose('http', async () => {
    context.streams.close();
    await app.close();
  });
  const { host } = ports;
  await app.listen({ host, port: ports[config.region].api, backlog: ACCEPT_BACKLOG });
  log.info({ host, port: ports[config.region].api }, 'api listens');
}
