/** Asks this member's Sentinel where the Redis master is, and to move it. */
import { Redis } from 'ioredis';
import { monotonicMs, sleep } from '../../lib/clock.ts';
import { REDIS_MASTER } from '../../lib/redis.ts';
import { DATA_REGIONS, type DataRegion, type Member, type Topology } from '../../lib/topology.ts';

const MOVE_MS = 4_000;
const POLL_MS = 20;

export class SentinelDriver {
  readonly #topology: Topology;
  readonly #client: Redis;

  constructor(topology: Topology, self: Member, password: string) {
    this.#topology = topology;
    this.#client = new Redis({
      host: topology.host,
      port: topology[self].sentinel,
      password,
      lazyConnect: true,
      connectTimeout: 500,
      commandTimeout: 500,
      maxRetriesPerRequest: 0,
      retryStrategy: (attempt) => Math.min(100 * attempt, 1_000),
    });
    // Every failed command is reported to its caller; the event alone says nothing new.
    this.#client.on('error', () => {});
  }

  /** The region whose Redis is master. Throws when the Sentinel does not answer or names no region of ours. */
  async master(): Promise<DataRegion> {
    const answer: unknown = await this.#client.call('SENTINEL', 'get-master-addr-by-name', REDIS_MASTER);
    const port = Array.isArray(answer) ? Number(answer[1]) : Number.NaN;
    const region = DATA_REGIONS.find((candidate) => this.#topology[candidate].redis === port);
    if (region === undefined) throw new Error('the Sentinel names no master of ours');
    return region;
  }

  /** Moves the master to `target` if it is elsewhere. Throws when that does not succeed in 4 s. */
  async moveTo(target: DataRegion): Promise<void> {
    if ((await this.master()) === target) return;
    await this.#client.call('SENTINEL', 'FAILOVER', REDIS_MASTER);
    const deadlineMs = monotonicMs() + MOVE_MS;
    while ((await this.master()) !== target) {
      if (monotonicMs() > deadlineMs) throw new Error(`Redis did not move to ${target} within ${MOVE_MS} ms`);
      await sleep(POLL_MS);
    }
  }

  close(): void {
    this.#client.disconnect();
  }
}
