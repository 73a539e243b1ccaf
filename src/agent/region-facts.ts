/** What a heartbeat says of the rest of its region: the role of its Redis, and which processes are not ready. */
import { Redis } from 'ioredis';
import { pause } from '../lib/clock.ts';
import type { Heartbeat } from '../lib/cluster.ts';
import { readRunState } from '../lib/run-state.ts';
import { isDataRegion, type Member, type Topology } from '../lib/topology.ts';

const EVERY_MS = 1_000;

export class RegionFacts {
  readonly #dataDir: string;
  readonly #member: Member;
  readonly #redis: Redis | null;
  #role: Heartbeat['redis'] = null;
  #processes: Heartbeat['processes'] = null;

  constructor(options: {
    readonly topology: Topology;
    readonly member: Member;
    readonly dataDir: string;
    readonly redisPassword: string;
  }) {
    const { topology, member, dataDir, redisPassword } = options;
    this.#dataDir = dataDir;
    this.#member = member;
    this.#redis = isDataRegion(member)
      ? new Redis({
          host: topology.host,
          port: topology[member].redis,
          password: redisPassword,
          lazyConnect: true,
          connectTimeout: 500,
          commandTimeout: 500,
          maxRetriesPerRequest: 0,
          retryStrategy: (attempt) => Math.min(200 * attempt, 1_000),
        })
      : null;
    // A Redis that is away shows in the heartbeat; the event says nothing more.
    this.#redis?.on('error', () => {});
  }

  get redis(): Heartbeat['redis'] {
    return this.#role;
  }

  get processes(): Heartbeat['processes'] {
    return this.#processes;
  }

  /** Looks once a second until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    do {
      this.#processes = this.#readProcesses();
      this.#role = await this.#askRedis();
    } while (await pause(EVERY_MS, signal));
    this.#redis?.disconnect();
  }

  /** null while the region's supervisor has written nothing yet. */
  #readProcesses(): Heartbeat['processes'] {
    const state = readRunState(this.#dataDir, this.#member);
    if (state === null) return null;
    const notReady = state.processes.filter((one) => one.state !== 'ready').map(({ name }) => name);
    const total = state.processes.length;
    return { ready: total - notReady.length, total, notReady };
  }

  async #askRedis(): Promise<Heartbeat['redis']> {
    if (this.#redis === null) return null;
    try {
      const [role] = await this.#redis.role();
      return role === 'master' ? 'master' : 'replica';
    } catch {
      return 'away';
    }
  }
}
