/**
 * Connections to whichever PostgreSQL the cluster record names as leader.
 *
 * A change of epoch or leader drops every connection at once (hazard H16). Work that finds no leader waits,
 * bounded, and is retried on errors that mean a dead connection or a server that is no longer primary.
 */
import pg from 'pg';
import { monotonicMs, pause } from './clock.ts';
import type { ClusterWatch } from './cluster.ts';
import { describeError, UnavailableError } from './errors.ts';
import type { Log } from './log.ts';
import type { DataRegion, Topology } from './topology.ts';

const HOLD_MS = 5_000;
const RETRY_PAUSE_MS = 50;

/** True when the server or the connection failed, not the statement. SQLSTATE classes of PostgreSQL, appendix A. */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (/^(08|57P0[1-3])/.test(code) || code === '25006' || code === '28000') return true;
  if (/^E[A-Z]+$/.test(code)) return true;
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/.test(
    error.message,
  );
}

export type LeaderPoolOptions = {
  readonly topology: Topology;
  readonly watch: ClusterWatch;
  readonly user: string;
  readonly password: string;
  readonly log: Log;
  readonly maxConnections: number;
  readonly applicationName: string;
};

/** Ends a connection at once, also one whose query hangs: its query then fails as a dead connection. */
async function endClient(client: pg.PoolClient): Promise<void> {
  if (client instanceof pg.Client) await client.end();
}

type Current = {
  readonly epoch: number;
  readonly leader: DataRegion;
  readonly pool: pg.Pool;
  /** All open connections, so that they can be cut while a query hangs on a dead server. */
  readonly clients: Set<pg.PoolClient>;
};

export class LeaderPool {
  readonly #options: LeaderPoolOptions;
  readonly #stop = new AbortController();
  #current: Current | null = null;

  constructor(options: LeaderPoolOptions) {
    this.#options = options;
    options.watch.onChange(() => this.#follow());
    this.#follow();
  }

  /** Epoch and region that connections go to now; null while there is no serving leader. */
  get leader(): { epoch: number; region: DataRegion } | null {
    return this.#current === null ? null : { epoch: this.#current.epoch, region: this.#current.leader };
  }

  /** One statement; for reads and for writes that carry their own idempotency. Retried within the hold time. */
  query<R extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<pg.QueryResult<R>> {
    return this.withClient((client) => client.query<R>(text, [...values]));
  }

  /**
   * Runs `work` on a connection to the leader. `work` must be safe to run again: it is repeated after a
   * connection failure until the hold time is over. Throws UnavailableError then.
   */
  async withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const deadlineMs = monotonicMs() + HOLD_MS;
    for (;;) {
      try {
        return await this.#once(work);
      } catch (error) {
        if (!isConnectionFailure(error) && !(error instanceof UnavailableError)) throw error;
        const over = monotonicMs() > deadlineMs || !(await pause(RETRY_PAUSE_MS, this.#stop.signal));
        if (over) throw new UnavailableError(`no leader took the work: ${describeError(error)}`, 1, error);
      }
    }
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#drop();
  }

  async #once<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    const current = this.#current;
    if (current === null) throw new UnavailableError('the cluster record names no serving leader');
    const client = await current.pool.connect();
    let failed = true;
    try {
      const result = await work(client);
      failed = false;
      return result;
    } catch (error) {
      failed = isConnectionFailure(error);
      throw error;
    } finally {
      client.release(failed);
    }
  }

  #follow(): void {
    const { record } = this.#options.watch.view;
    const target = record?.phase === 'serving' ? record : null;
    const current = this.#current;
    if (target !== null && current?.epoch === target.epoch && current.leader === target.leader) return;
    void this.#drop();
    if (target === null || this.#stop.signal.aborted) return;
    const { topology, user, password, maxConnections, applicationName, log } = this.#options;
    const pool = new pg.Pool({
      host: topology.host,
      port: topology[target.leader].postgres,
      user,
      password,
      database: 'tier0',
      application_name: applicationName,
      max: maxConnections,
      connectionTimeoutMillis: 2_000,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 2_000,
    });
    pool.on('error', (error) => log.warn({ failure: error.message }, 'idle database connection lost'));
    const clients = new Set<pg.PoolClient>();
    pool.on('connect', (client) => {
      clients.add(client);
      // The pool listens only while a client is idle; without a listener, one that dies in use would end the
      // process. Whoever uses it learns of it from its query.
      client.on('error', (error) => log.debug({ failure: error.message }, 'database connection lost'));
    });
    pool.on('remove', (client) => clients.delete(client));
    this.#current = { epoch: target.epoch, leader: target.leader, pool, clients };
  }

  async #drop(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    if (current === null) return;
    const closings = [...current.clients].map((client) => endClient(client));
    const outcomes = await Promise.allSettled([...closings, current.pool.end()]);
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) {
      this.#options.log.warn({ failure: describeError(failed.reason) }, 'could not close connections');
    }
  }
}
