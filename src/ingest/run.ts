import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import { every, monotonicMs, pause, wallMs } from '../lib/clock.ts';
import { ClusterWatch, WRITER_POLL_MS } from '../lib/cluster.ts';
import { describeError } from '../lib/errors.ts';
import { LeaderPool } from '../lib/leader-pool.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { serveMetrics } from '../lib/metrics.ts';
import { createRedis } from '../lib/redis.ts';
import { readSecrets } from '../lib/secrets.ts';
import { topology } from '../lib/topology.ts';
import type { Batch } from './batch.ts';
import { Committer, type Outcome } from './committer.ts';
import { type IngestConfig, PACKET_MAX_BYTES } from './config.ts';
import { LivePublisher } from './live-publisher.ts';
import { ingestMetrics } from './metrics.ts';
import { MqttServer } from './mqtt-server.ts';
import { Pipeline } from './pipeline.ts';
import { ReadingParser } from './reading.ts';
import { DeviceRegistry } from './registry.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const REGISTRY_RELOAD_MS = 5_000;
const STATS_MS = 1_000;
const STATS_KEY = 'ingest:stats';

export async function run(config: IngestConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const at = topology(config.portOffset);
  const secrets = readSecrets(config.dataDir);
  const { region } = config;
  const { signal } = lifecycle;

  const watch = new ClusterWatch({ topology: at, self: region, pollMs: WRITER_POLL_MS, log });
  watch.start();
  lifecycle.onClose('watch', () => watch.close());
  const pool = new LeaderPool({
    topology: at,
    watch,
    user: 'tier0_ingest',
    password: secrets.postgres.ingest,
    log,
    maxConnections: config.lanes + 1,
    applicationName: `ingest-${region}`,
    warmUp: ['reading', 'ingest_ledger'].map((table) => ({
      text: `EXPLAIN INSERT INTO ${table} DEFAULT VALUES`,
    })),
  });
  lifecycle.onClose('pool', () => pool.close());
  const redis = createRedis({ topology: at, password: secrets.redis, log, name: `ingest-${region}` });
  lifecycle.onClose('redis', () => redis.disconnect());

  const registry = new DeviceRegistry();
  const parser = new ReadingParser(registry, {
    futureMaxMs: config.futureMaxS * 1_000,
    retentionMs: config.retentionDays * DAY_MS,
    partitionMs: config.partitionMinutes * MINUTE_MS,
  });
  const live = new LivePublisher(redis, region, log);
  const pipeline = new Pipeline({
    parser,
    commit: createLanes(config, pool, log, signal),
    payloadMaxBytes: config.payloadMaxBytes,
    batchMaxRows: config.batchMaxRows,
    batchEagerRows: config.batchEagerRows,
    batchLingerMs: config.batchLingerMs,
    inFlightMaxRows: config.inFlightMaxRows,
    onBackpressure: (full) => (full ? server.pause() : server.resume()),
    onCommitted: (batch) => {
      parser.contextsStored(batch);
      live.update(batch);
      metrics.batchRows.observe(batch.rows);
    },
    onRejected: (reason) => metrics.rejects.inc({ reason }),
    onFailure: (error) => {
      if (signal.aborted) return;
      log.fatal({ failure: describeError(error) }, 'a batch cannot be committed');
      process.exit(1);
    },
  });
  const server = new MqttServer({
    host: at.host,
    port: at[region].ingestMqtt,
    connectionsMax: config.connectionsMax,
    packetMaxBytes: PACKET_MAX_BYTES,
    receiveMaximum: Math.min(65_535, config.batchMaxRows),
    publish: (publisher, topic, payload, packetId, qos) =>
      pipeline.accept(publisher, topic, payload, packetId, qos),
    log,
  });
  const metrics = ingestMetrics(region, pipeline, () => server.connections);

  let serving = false;
  await serveMetrics(lifecycle, metrics.registry, at.host, at[region].ingestHttp, () => ({
    ok: serving,
    body: { status: serving ? 'healthy' : 'starting', region, leader: pool.leader, ...pipeline.counters },
  }));
  const loops = Promise.all([live.run(signal), keepRegistry(registry, pool, signal, log)]);
  lifecycle.onClose('loops', async () => {
    await loops;
  });
  await loadRegistry(registry, pool, signal, log);
  await server.listen();
  lifecycle.onClose('mqtt', () => server.close());
  serving = true;
  log.info({ devices: registry.size }, 'accepting readings');
  reportStats(redis, region, pipeline, () => server.connections, signal);
  every(DAY_MS, signal, () => parser.forgetStoredContexts());
}

/** The lanes of one ingest process share its identity in the ledger. */
function createLanes(
  { lanes, region, partitionMinutes }: IngestConfig,
  pool: LeaderPool,
  log: Log,
  signal: AbortSignal,
): ((batch: Batch) => Promise<Outcome>)[] {
  const instance = randomUUID();
  return Array.from({ length: lanes }, (_, lane) => {
    const committer = new Committer({ pool, log, instance, lane, region, partitionMinutes, signal });
    return (batch) => committer.commit(batch);
  });
}

/** Without the registry nothing can be validated: the port opens once it is loaded. */
async function loadRegistry(
  registry: DeviceRegistry,
  pool: LeaderPool,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  while (registry.size === 0 && !signal.aborted) {
    try {
      await registry.load(pool);
    } catch (error) {
      log.info({ reason: describeError(error) }, 'waiting for the registry');
    }
    if (registry.size === 0) await pause(100, signal);
  }
}

async function keepRegistry(
  registry: DeviceRegistry,
  pool: LeaderPool,
  signal: AbortSignal,
  log: Log,
): Promise<void> {
  while (await pause(REGISTRY_RELOAD_MS, signal)) {
    if (registry.size === 0) continue;
    try {
      await registry.load(pool);
    } catch (error) {
      log.warn({ failure: describeError(error) }, 'registry not reloaded');
    }
  }
}

/** The counters of one moment, for the overview; see api. */
function reportStats(
  redis: Redis,
  region: string,
  pipeline: Pipeline,
  connections: () => number,
  signal: AbortSignal,
): void {
  let lastMs = monotonicMs();
  let lastReceived = 0;
  every(STATS_MS, signal, () => {
    const nowMs = monotonicMs();
    const { received } = pipeline.counters;
    const stats = {
      region,
      at_ms: wallMs(),
      connections: connections(),
      readings_per_s: Math.round(((received - lastReceived) * 1_000) / (nowMs - lastMs)),
      ...pipeline.counters,
      in_flight: pipeline.inFlight,
    };
    lastMs = nowMs;
    lastReceived = received;
    if (redis.status !== 'ready') return;
    // A report that Redis does not take is overtaken by the next; the connection's loss is logged already.
    redis.hset(STATS_KEY, region, JSON.stringify(stats)).catch(() => {});
  });
}
