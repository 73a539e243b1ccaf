/**
 * The API role: answers reads of the fleet from memory (live state) and from the leader (history, rejects).
 * One instance runs in each data region behind nginx; it holds nothing that it cannot fetch again.
 */
import type { Redis } from 'ioredis';
import { boundedLeader, type Database } from '../lib/bounded-leader.ts';
import { monotonicMs, wallMs } from '../lib/clock.ts';
import { ClusterWatch, READER_POLL_MS } from '../lib/cluster.ts';
import { UnavailableError } from '../lib/errors.ts';
import { EventPublisher } from '../lib/event-publisher.ts';
import { ACCEPT_BACKLOG } from '../lib/http-server.ts';
import { LeaderPool } from '../lib/leader-pool.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { type Counter, createRegistry } from '../lib/metrics.ts';
import { connectRabbitmq } from '../lib/rabbitmq.ts';
import { createRedis } from '../lib/redis.ts';
import { readSecrets } from '../lib/secrets.ts';
import { SseClients } from '../lib/sse.ts';
import { type Topology, topology } from '../lib/topology.ts';
import type { ApiConfig } from './config.ts';
import type { ApiContext } from './context.ts';
import { ContextStore } from './contexts.ts';
import { MAX_VIEW_AGE_MS, ReadGate } from './freshness.ts';
import { HealthCheck, type Probe, probeHttp } from './health.ts';
import { CountsCache } from './live-counts.ts';
import { LiveFeed } from './live-feed.ts';
import { LiveFiller } from './live-filler.ts';
import { LiveTable } from './live-table.ts';
import { feedMetrics, holdMetrics } from './metrics.ts';
import { buildOverview } from './overview.ts';
import { Prometheus } from './prometheus.ts';
import { PROBE_WARM_UP } from './routes/writes.ts';
import { buildServer } from './server.ts';
import { StorageWatch } from './storage.ts';
import { Users } from './users.ts';

const rabbitmqProbe = (publisher: EventPublisher): [string, Probe] => [
  'rabbitmq',
  async () => {
    if (!publisher.connected) throw new UnavailableError('no node of rabbitmq answers');
  },
];

function probes(
  parts: {
    readonly db: Database;
    readonly redis: Redis;
    readonly publisher: EventPublisher | null;
    readonly viewAgeMs: () => number;
  },
  ports: Topology,
  region: ApiConfig['region'],
): ReadonlyMap<string, Probe> {
  return new Map<string, Probe>([
    ['postgres', () => parts.db.query('SELECT 1')],
    ['redis', () => parts.redis.ping()],
    ...(parts.publisher === null ? [] : [rabbitmqProbe(parts.publisher)]),
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
  return { watch, pool, db: boundedLeader(pool) };
}

/** null: the instance runs without the queue. */
function openPublisher(
  config: ApiConfig,
  ports: Topology,
  lifecycle: Lifecycle,
  log: Log,
): EventPublisher | null {
  if (!config.rabbitmq) return null;
  const connection = connectRabbitmq({
    topology: ports,
    nearest: config.region,
    password: readSecrets(config.dataDir).rabbitmq.password,
    name: `api-${config.region}`,
    log,
  });
  lifecycle.onClose('rabbitmq', () => connection.unsafeDestroy());
  return new EventPublisher(connection);
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
  const publisher = openPublisher(config, ports, lifecycle, log);
  const ready = (): boolean => filler.ready;
  const context: ApiContext = {
    table,
    counts,
    contexts: new ContextStore(db),
    db,
    health: new HealthCheck(
      config.region,
      probes({ db, redis: commands, publisher, viewAgeMs }, ports, config.region),
      ready,
    ),
    streams: new SseClients(config.maxStreams),
    users: new Users({ redis: commands, db, publisher, secret: readSecrets(config.dataDir).users, log }),
    registry,
    prometheus: new Prometheus({ host: ports.host, port: ports.edge.prometheus }),
    prometheusPort: ports.edge.prometheus,
    log,
    viewAgeMs,
    ready,
    reads: new ReadGate({ viewAgeMs, ready }),
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
