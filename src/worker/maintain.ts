/** One pass of maintenance. Every part is safe to repeat; one that fails does not keep the others from running. */
import type { ClientBase } from 'pg';
import { wallMs } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import { isConnectionFailure } from '../lib/leader-pool.ts';
import type { Log } from '../lib/log.ts';
import type { WorkerConfig } from './config.ts';
import type { WorkerMetrics } from './metrics.ts';
import { planPartitions } from './partitions.ts';
import {
  closeSilentSessions,
  createPartition,
  deleteUnusedContexts,
  dropLeftovers,
  dropPartition,
  foldLedger,
  listPartitions,
  trimOldest,
  trimRejects,
  trimWrites,
} from './store.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

async function keepPartitions(client: ClientBase, config: WorkerConfig, metrics: WorkerMetrics, log: Log) {
  await dropLeftovers(client);
  const partitions = await listPartitions(client);
  const rules = {
    widthMs: config.partitionMinutes * MINUTE_MS,
    retentionMs: config.retentionDays * DAY_MS,
    limitBytes: config.storageLimitBytes,
  };
  const plan = planPartitions(partitions, rules, wallMs());
  for (const moment of plan.create) await createPartition(client, moment, config.partitionMinutes);
  for (const { partition, reason } of plan.drop) {
    await dropPartition(client, partition.name);
    metrics.dropped.inc({ reason });
    log.info({ partition: partition.name, bytes: partition.bytes, reason }, 'partition dropped');
  }
  metrics.partitions.set(partitions.length + plan.create.length - plan.drop.length);
  const droppedBytes = plan.drop.reduce((sum, { partition }) => sum + partition.bytes, 0);
  metrics.readingBytes.set(partitions.reduce((sum, { bytes }) => sum + bytes, 0) - droppedBytes);
}

/** Throws only when the connection failed: then the lock is lost too and the pass is over. */
export async function maintain(
  client: ClientBase,
  config: WorkerConfig,
  metrics: WorkerMetrics,
  log: Log,
): Promise<void> {
  const removed = (what: string, count: number): void => {
    if (count === 0) return;
    metrics.removed.inc({ what }, count);
    log.info({ what, count }, 'rows removed');
  };
  const parts: [name: string, work: () => Promise<void>][] = [
    ['partitions', () => keepPartitions(client, config, metrics, log)],
    ['rejects', async () => removed('rejects', await trimRejects(client, config.rejectLimit))],
    [
      'access_log',
      async () => removed('access_log', await trimOldest(client, 'access_log', config.accessLogLimit)),
    ],
    [
      'user_event',
      async () => removed('user_event', await trimOldest(client, 'user_event', config.userEventLimit)),
    ],
    ['user_session', async () => removed('user_session', await closeSilentSessions(client))],
    ['writes', async () => removed('writes', await trimWrites(client))],
    ['ledger', async () => removed('ledger', await foldLedger(client))],
    ['contexts', async () => removed('contexts', await deleteUnusedContexts(client, config.retentionDays))],
  ];
  for (const [part, work] of parts) {
    try {
      await work();
    } catch (error) {
      if (isConnectionFailure(error)) throw error;
      metrics.failures.inc({ part });
      log.warn({ part, failure: describeError(error) }, 'maintenance failed; it is tried again');
    }
  }
}
