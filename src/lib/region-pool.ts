/**
 * Connections to one region's PostgreSQL. Some are kept open before they are needed: with all processors busy, a
 * new one takes a few hundred milliseconds (a fork, a handshake, the catalogs), and a failover waits for it.
 */
import { Socket } from 'node:net';
import pg from 'pg';
import { every } from './clock.ts';
import { describeError } from './errors.ts';
import type { Log } from './log.ts';
import type { DataRegion, Topology } from './topology.ts';

const CONNECT_DEADLINE_MS = 2_000;
const IDLE_TIMEOUT_MS = 60_000;
const WARM_EVERY_MS = 2_000;
const WARM_MAX = 8;

export type RegionPoolOptions = {
  readonly topology: Topology;
  readonly user: string;
  readonly password: string;
  readonly log: Log;
  readonly maxConnections: number;
  readonly applicationName: string;
  /**
   * Statements that a connection which is opened in advance runs at once, EXPLAINs of what it will be used for: a
   * backend reads the catalogs at its first statement, and a failover would make all of them do so together.
   * They must be possible on a standby.
   */
  readonly warmUp?: readonly { readonly text: string; readonly values?: readonly unknown[] }[];
};

export class RegionPool {
  readonly region: DataRegion;
  readonly #pool: pg.Pool;
  readonly #log: Log;
  readonly #warm: number;
  readonly #warmUp: NonNullable<RegionPoolOptions['warmUp']>;
  /** Also of connections that are being made, so that they can be cut while their server hangs. */
  readonly #sockets = new Set<Socket>();
  readonly #stop = new AbortController();

  constructor(region: DataRegion, options: RegionPoolOptions) {
    const { topology, user, password, maxConnections, applicationName, log } = options;
    this.region = region;
    this.#log = log;
    this.#warmUp = options.warmUp ?? [];
    this.#warm = Math.min(WARM_MAX, maxConnections);
    this.#pool = new pg.Pool({
      host: topology.host,
      port: topology[region].postgres,
      user,
      password,
      database: 'tier0',
      application_name: applicationName,
      max: maxConnections,
      min: this.#warm,
      connectionTimeoutMillis: CONNECT_DEADLINE_MS,
      idleTimeoutMillis: IDLE_TIMEOUT_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: 2_000,
      stream: () => {
        const socket = new Socket();
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
        return socket;
      },
    });
    this.#pool.on('error', (error) => {
      if (!this.#pool.ending) log.warn({ region, failure: error.message }, 'idle database connection lost');
    });
    this.#pool.on('connect', (client) => {
      // The pool listens only while a client is idle; without a listener, one that dies in use would end the
      // process. Whoever uses it learns of it from its query.
      client.on('error', (error) =>
        log.debug({ region, failure: error.message }, 'database connection lost'),
      );
    });
  }

  connect(): Promise<pg.PoolClient> {
    return this.#pool.connect();
  }

  /** From now on as many connections as a failover needs at once are open, whenever the region lets them in. */
  keepWarm(): void {
    let opening = false;
    every(WARM_EVERY_MS, this.#stop.signal, () => {
      if (opening || this.#pool.totalCount >= this.#warm) return;
      opening = true;
      void this.#open().finally(() => {
        opening = false;
      });
    });
  }

  /** One first: a server that lets nobody in yet, as while it catches up, is not asked by all at once. */
  async #open(): Promise<void> {
    const opened: pg.PoolClient[] = [];
    try {
      do opened.push(await this.#openOne());
      while (this.#pool.totalCount < this.#warm);
    } catch (error) {
      this.#log.debug({ region: this.region, failure: describeError(error) }, 'no connection in advance');
    } finally {
      for (const client of opened) client.release();
    }
  }

  async #openOne(): Promise<pg.PoolClient> {
    const client = await this.#pool.connect();
    try {
      for (const { text, values = [] } of this.#warmUp) await client.query(text, [...values]);
    } catch (error) {
      this.#log.warn({ region: this.region, failure: describeError(error) }, 'a connection is not warmed up');
    }
    return client;
  }

  /** Destroys the sockets: a polite end would wait for the answer of a server that may be frozen. */
  async close(): Promise<void> {
    this.#stop.abort();
    const ended = this.#pool.end();
    for (const socket of this.#sockets) socket.destroy();
    try {
      await ended;
    } catch (error) {
      this.#log.warn({ failure: describeError(error) }, 'could not close connections');
    }
  }
}
