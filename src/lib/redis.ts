/** A Redis client that asks the Sentinels for the master and follows it. */
import { Redis } from 'ioredis';
import type { Log } from './log.ts';
import { outageLog } from './outage-log.ts';
import { MEMBERS, type Topology } from './topology.ts';

export const REDIS_MASTER = 'tier0';

/** Commands fail fast (2 s) while no master is known; the cache is never worth waiting for longer. */
export function createRedis(options: {
  readonly topology: Topology;
  readonly password: string;
  readonly log: Log;
  readonly name: string;
}): Redis {
  const { topology, password, log, name } = options;
  const redis = new Redis({
    sentinels: MEMBERS.map((member) => ({ host: topology.host, port: topology[member].sentinel })),
    name: REDIS_MASTER,
    password,
    sentinelPassword: password,
    connectionName: name,
    connectTimeout: 1_000,
    commandTimeout: 2_000,
    maxRetriesPerRequest: 1,
    enableOfflineQueue: false,
    autoResubscribe: true,
    sentinelRetryStrategy: (attempt: number) => Math.min(100 * attempt, 1_000),
    retryStrategy: (attempt: number) => Math.min(100 * attempt, 1_000),
  });
  const outages = outageLog('redis', log);
  redis.on('error', outages.away);
  redis.on('ready', outages.back);
  return redis;
}
