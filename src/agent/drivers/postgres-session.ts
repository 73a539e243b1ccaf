/** The agent's SQL: what it asks its own PostgreSQL, and what it tells it. */
import pg from 'pg';
import { monotonicMs, sleep, within } from '../../lib/clock.ts';
import { UnavailableError } from '../../lib/errors.ts';
import type { Secrets } from '../../lib/secrets.ts';
import { type DataRegion, peerOf, type Topology } from '../../lib/topology.ts';
import { ADMIN_ROLE, CLIENT_ROLES, slotName } from './postgres-files.ts';

/** A server that does not answer the agent within this is unreachable. */
const ANSWER_MS = 1_000;
/** Statements that began before new sync names were set are waited for this long. */
const SETTLE_MS = 2_000;

export type ServerFacts = {
  readonly inRecovery: boolean;
  readonly timeline: number | null;
  /** Written (primary) or received (standby). */
  readonly lsn: string | null;
  /** Since the last message of the WAL stream, by the server's own clock; null without a stream. */
  readonly feedAgeMs: number | null;
  readonly waitsForPeer: boolean;
  readonly slotReady: boolean;
  readonly standby: {
    readonly streaming: boolean;
    readonly sync: boolean;
    readonly flushLsn: string | null;
    readonly lagBytes: number;
    readonly lagMs: number | null;
  } | null;
};

type FactsRow = {
  in_recovery: boolean;
  timeline: number | null;
  lsn: string | null;
  feed_age_ms: number | null;
  sync_names: string;
  slot_ready: boolean;
  standby_state: string | null;
  standby_sync: string | null;
  flush_lsn: string | null;
  lag_bytes: string | null;
  lag_ms: number | null;
};

const FACTS_SQL = `
  SELECT r.in_recovery,
         CASE WHEN r.in_recovery THEN (SELECT received_tli FROM pg_stat_wal_receiver)
              ELSE ('x' || substr(pg_walfile_name(l.lsn), 1, 8))::bit(32)::int END AS timeline,
         l.lsn::text AS lsn,
         (SELECT extract(epoch FROM clock_timestamp() - last_msg_receipt_time) * 1000
          FROM pg_stat_wal_receiver WHERE status = 'streaming') AS feed_age_ms,
         current_setting('synchronous_standby_names') AS sync_names,
         EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $2 AND wal_status <> 'lost') AS slot_ready,
         s.state AS standby_state, s.sync_state AS standby_sync, s.flush_lsn::text AS flush_lsn,
         CASE WHEN r.in_recovery THEN NULL ELSE pg_wal_lsn_diff(l.lsn, s.flush_lsn) END AS lag_bytes,
         extract(epoch FROM s.flush_lag) * 1000 AS lag_ms
  FROM (SELECT pg_is_in_recovery() AS in_recovery) r
  CROSS JOIN LATERAL (
    SELECT CASE WHEN r.in_recovery THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END AS lsn) l
  LEFT JOIN pg_stat_replication s ON s.application_name = $1 AND s.state <> 'backup'`;

/** Commits a canary stamped with the epoch: the server takes writes. */
export async function writeCanary(client: pg.Client, region: string, epoch: number): Promise<void> {
  await client.query(
    `INSERT INTO canary (region, epoch, at) VALUES ($1, $2, now())
     ON CONFLICT (region) DO UPDATE SET epoch = excluded.epoch, at = excluded.at`,
    [region, epoch],
  );
}

export class PostgresSession {
  readonly #topology: Topology;
  readonly #self: DataRegion;
  readonly #password: string;
  #client: pg.Client | null = null;

  constructor(options: {
    readonly topology: Topology;
    readonly self: DataRegion;
    readonly secrets: Secrets;
  }) {
    this.#topology = options.topology;
    this.#self = options.self;
    this.#password = options.secrets.postgres.admin;
  }

  /** A new connection as administrator. The caller ends it. */
  async connect(database: string): Promise<pg.Client> {
    const client = new pg.Client({
      host: this.#topology.host,
      port: this.#topology[this.#self].postgres,
      user: ADMIN_ROLE,
      password: this.#password,
      database,
      application_name: 'tier0-agent',
      // The gate is for clients.
      options: '-c default_transaction_read_only=off',
      connectionTimeoutMillis: ANSWER_MS,
    });
    // A lost connection shows at its next query; the event alone must not crash the agent.
    client.on('error', () => {});
    await client.connect();
    return client;
  }

  /** Throws when the server does not answer within a second. */
  async facts(): Promise<ServerFacts> {
    const peer = peerOf(this.#self);
    const { rows } = await this.#query<FactsRow>(FACTS_SQL, [peer, slotName(peer)]);
    const row = rows[0];
    if (row === undefined) throw new Error('PostgreSQL gave no facts about itself');
    return {
      inRecovery: row.in_recovery,
      timeline: row.timeline,
      lsn: row.lsn,
      feedAgeMs: row.feed_age_ms === null ? null : Number(row.feed_age_ms),
      waitsForPeer: row.sync_names.includes(peer),
      slotReady: row.slot_ready,
      standby:
        row.standby_state === null
          ? null
          : {
              streaming: row.standby_state === 'streaming',
              sync: row.standby_sync === 'sync',
              flushLsn: row.flush_lsn,
              lagBytes: Number(row.lag_bytes ?? 0),
              lagMs: row.lag_ms === null ? null : Number(row.lag_ms),
            },
    };
  }

  async ensureSlot(): Promise<void> {
    const slot = slotName(peerOf(this.#self));
    await this.#query(
      "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = $1 AND wal_status = 'lost'",
      [slot],
    );
    await this.#query(
      `SELECT pg_create_physical_replication_slot($1, true)
       WHERE NOT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = $1)`,
      [slot],
    );
  }

  /**
   * Returns once every backend and the shared state use the names just set, and gives the LSN of that moment.
   * A checkpoint is what proves it: the checkpointer reads the new names before it starts one (hazard H5).
   */
  settleSyncNames(): Promise<string> {
    return this.#connected(async (client) => {
      await client.query('CHECKPOINT');
      const deadlineMs = monotonicMs() + SETTLE_MS;
      for (;;) {
        const { rows } = await client.query<{ busy: boolean; lsn: string }>(
          `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'client backend' AND state = 'active'
                          AND query_start < pg_conf_load_time() AND usename = ANY ($1)) AS busy,
                  pg_current_wal_lsn()::text AS lsn`,
          [[...CLIENT_ROLES]],
        );
        if (rows[0]?.busy === false) return rows[0].lsn;
        if (monotonicMs() > deadlineMs) throw new UnavailableError('older statements still run');
        await sleep(10);
      }
    });
  }

  /** True when no WAL receiver runs: the old leader can get no acknowledgement from here any more. */
  async receivesNothing(): Promise<boolean> {
    const { rows } = await this.#query<{ gone: boolean }>(
      'SELECT NOT EXISTS (SELECT FROM pg_stat_wal_receiver) AS gone',
      [],
    );
    return rows[0]?.gone === true;
  }

  /** True when the standby has flushed everything that was written here so far. */
  async hasEverything(standby: DataRegion): Promise<boolean> {
    const { rows } = await this.#query<{ has: boolean }>(
      `SELECT flush_lsn >= pg_current_wal_insert_lsn() AS has FROM pg_stat_replication WHERE application_name = $1`,
      [standby],
    );
    return rows[0]?.has === true;
  }

  async inRecovery(): Promise<boolean> {
    const { rows } = await this.#query<{ in_recovery: boolean }>(
      'SELECT pg_is_in_recovery() AS in_recovery',
      [],
    );
    return rows[0]?.in_recovery === true;
  }

  async requestPromotion(): Promise<void> {
    await this.#query('SELECT pg_promote(wait => false)', []);
  }

  async checkpoint(): Promise<void> {
    await this.#connected((client) => client.query('CHECKPOINT'));
  }

  /** The history of the server's timeline: which ones it has left, and where. */
  history(): Promise<string> {
    return this.#connected(async (client) => {
      const { rows } = await client.query<{ history: string | null }>(
        `SELECT pg_read_file('pg_wal/' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) || '.history',
                             0, 1048576, true) AS history`,
      );
      return rows[0]?.history ?? '';
    });
  }

  /** Ends clients' sessions; their unacknowledged work stays unacknowledged. */
  async endClientSessions(): Promise<void> {
    await this.#query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY ($1)', [
      [...CLIENT_ROLES],
    ]);
  }

  async disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }

  /** For what may take longer than an answer: on a connection of its own. */
  async #connected<T>(work: (client: pg.Client) => Promise<T>): Promise<T> {
    const client = await this.connect('postgres');
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  }

  async #query<R extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[],
  ): Promise<pg.QueryResult<R>> {
    this.#client ??= await this.connect('postgres');
    const client = this.#client;
    try {
      return await within(ANSWER_MS, 'PostgreSQL does not answer', client.query<R>(text, [...values]));
    } catch (error) {
      this.#client = null;
      void client.end();
      throw error;
    }
  }
}
