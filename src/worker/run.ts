/**
 * The worker role. It keeps the database in its bounds: the one whose session holds an advisory lock on the leader
 * works, the other region's waits to take over. The lock goes with the session, so a change of leader frees it by
 * itself. And it stores user events from the queue, in both regions at once.
 */
import type { ClientBase } from 'pg';
import { monotonicMs, pause, wallMs } from '../lib/clock.ts';
import { ClusterWatch, WRITER_POLL_MS } from '../lib/cluster.ts';
import { describeError } from '../lib/errors.ts';
import { LeaderPool } from '../lib/leader-pool.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { createRegistry, type Registry, serveMetrics } from '../lib/metrics.ts';
import { connectRabbitmq } from '../lib/rabbitmq.ts';
import { createRedis } from '../lib/redis.ts';
import { readSecrets } from '../lib/secrets.ts';
import { topology } from '../lib/topology.ts';
import type { WorkerConfig } from './config.ts';
import { maintain } from './maintain.ts';
import { userEventMetrics, type WorkerMetrics, workerMetrics } from './metrics.ts';
import { PictureKeeper } from './picture.ts';
import { tryLock } from './store.ts';
import { consumeUserEvents } from './user-events.ts';

/** How often the waiting worker asks for the lock. */
const LOCK_PAUSE_MS = 1_000;

type Parts = {
  readonly config: WorkerConfig;
  readonly metrics: WorkerMetrics;
  readonly log: Log;
  readonly signal: AbortSignal;
};
type Status = { active: boolean; lastPassAt: string | null; failure: string | null };

/** Works for as long as the session lives, if the lock is free; returns at once if it is not. */
async function workWhileLocked(client: ClientBase, parts: Parts, status: Status): Promise<void> {
  const { config, metrics, log, signal } = parts;
  if (!(await tryLock(client))) return;
  // With the session the lock is gone, also when it dies between two passes.
  const lost = new AbortController();
  client.once('end', () => lost.abort());
  log.info('this worker is active');
  status.active = true;
  metrics.active.set(1);
  try {
    do {
      const startedMs = monotonicMs();
      await maintain(client, config, metrics, log);
      metrics.passSeconds.set((monotonicMs() - startedMs) / 1000);
      status.lastPassAt = new Date(wallMs()).toISOString();
      status.failure = null;
    } while (await pause(config.passIntervalS * 1000, AbortSignal.any([signal, lost.signal])));
  } finally {
    status.active = false;
    metrics.active.set(0);
  }
}

async function workForEver(pool: LeaderPool, parts: Parts, status: Status): Promise<void> {
  const { log, signal } = parts;
  do {
    try {
      await pool.withClient((client) => workWhileLocked(client, parts, status));
    } catch (error) {
      const failure = describeError(error);
      if (failure !== status.failure && !signal.aborted) log.warn({ failure }, 'the worker lost its leader');
      status.failure = failure;
    }
  } while (await pause(LOCK_PAUSE_MS, signal));
}

/** One connection stores events, one makes pictures: maintenance has its own, and may take minutes. */
const USER_CONNECTIONS = 2;

/** Stores the user events and keeps their picture, in both regions at once, until the role ends. */
function followUsers(
  config: WorkerConfig,
  parts: { readonly watch: ClusterWatch; readonly registry: Registry; readonly log: Log },
  lifecycle: Lifecycle,
): void {
  const { watch, registry, log } = parts;
  const { signal } = lifecycle;
  const ports = topology(config.portOffset);
  const secrets = readSecrets(config.dataDir);
  const name = `worker-${config.region}`;
  const pool = new LeaderPool({
    topology: ports,
    watch,
    user: 'tier0_worker',
    password: secrets.postgres.worker,
    log,
    maxConnections: USER_CONNECTIONS,
    applicationName: `${name}-users`,
  });
  const redis = createRedis({ topology: ports, password: secrets.redis, log, name });
  const pictures = new PictureKeeper(pool, redis, log);
  const work = [pictures.run(signal)];
  if (config.rabbitmq) {
    const { password } = secrets.rabbitmq;
    const connection = connectRabbitmq({ topology: ports, nearest: config.region, password, name, log });
    const metrics = userEventMetrics(registry);
    const onStored = (): void => pictures.changed();
    const consumed = consumeUserEvents({ connection, pool, metrics, signal, log, onStored });
    work.push(consumed.finally(() => connection.unsafeDestroy()));
  }
  lifecycle.onClose('user events', async () => {
    await pool.close();
    await Promise.all(work);
    redis.disconnect();
  });
}

/** Starts the role; resolves once its metrics are served. */
export async function run(config: WorkerConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const ports = topology(config.portOffset);
  const registry = createRegistry('worker', config.region);
  const watch = new ClusterWatch({ topology: ports, self: config.region, pollMs: WRITER_POLL_MS, log });
  watch.start();
  lifecycle.onClose('cluster watch', () => watch.close());
  const pool = new LeaderPool({
    topology: ports,
    watch,
    user: 'tier0_worker',
    password: readSecrets(config.dataDir).postgres.worker,
    log,
    maxConnections: 1,
    applicationName: `worker-${config.region}`,
  });
  const status: Status = { active: false, lastPassAt: null, failure: null };
  const metrics = workerMetrics(registry);
  metrics.active.set(0);
  const work = workForEver(pool, { config, metrics, log, signal: lifecycle.signal }, status);
  lifecycle.onClose('maintenance', async () => {
    await pool.close();
    await work;
  });
  followUsers(config, { watch, registry, log }, lifecycle);
  await serveMetrics(lifecycle, registry, ports.host, ports[config.region].worker, () => ({
    ok: true,
    body: {
      status: status.active ? 'active' : 'waiting',
      last_pass_at: status.lastPassAt,
      failure: status.failure,
    },
  }));
}
