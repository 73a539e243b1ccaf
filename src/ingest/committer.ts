/**
 * One lane to the database: a batch in, committed in every region of the sync set when the promise resolves.
 *
 * The usual batch is one round trip: COPY and the lane's ledger row in one implicit transaction. Rows that may
 * be stored already, and a batch that met a duplicate, go through a temporary table and ON CONFLICT. When a
 * connection breaks the outcome is unknown: the ledger's batch_seq, written in the same transaction, tells it.
 */
import type pg from 'pg';
import { pause } from '../lib/clock.ts';
import { copyRows, isDuplicate } from '../lib/copy-rows.ts';
import { describeError, sqlState, UnavailableError } from '../lib/errors.ts';
import type { LeaderPool } from '../lib/leader-pool.ts';
import type { Log } from '../lib/log.ts';
import { watchSyncWait } from '../lib/sync-wait.ts';
import { traced } from '../lib/tracing.ts';
import type { Batch } from './batch.ts';
import { COPY_COLUMNS, encodeCopy, type Selection } from './copy-rows.ts';

export type Outcome = { readonly committed: number; readonly duplicates: number };

export type CommitterOptions = {
  readonly pool: LeaderPool;
  readonly log: Log;
  /** Identity of this ingest process, a UUID. */
  readonly instance: string;
  readonly lane: number;
  readonly region: string;
  readonly partitionMinutes: number;
  readonly signal: AbortSignal;
};

/** What is known of the batch under way, kept over its attempts. */
type Attempt = {
  sent: boolean;
  /** Every row goes through the temporary table: one of them is stored already. */
  allStaged: boolean;
  /** What the transaction that was sent last would have done. */
  outcome: Outcome;
};

/** Errors of the moment: serialization failure, deadlock, out of disk, memory or connections. */
const TRANSIENT = /^(40001|40P01|53\d\d\d)$/;
/** As table reading; spelled out because LIKE would need the right to read readings. */
const CREATE_STAGED = `CREATE TEMP TABLE IF NOT EXISTS staged (
  ts timestamptz, received_at timestamptz, context bigint, device_no integer, state smallint,
  metrics double precision[], extra jsonb) ON COMMIT DELETE ROWS`;
/** "no partition of relation found for row": retention dropped it since we last looked. */
const CHECK_VIOLATION = '23514';
/** Once plain, once because a row is stored already, once because its partition was dropped. */
const WRITE_TRIES = 3;
const TRANSIENT_PAUSE_MS = 200;

export class Committer {
  readonly #options: CommitterOptions;
  readonly #partitions = new Set<number>();
  #seq = 0;

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /**
   * Tries until the batch is committed: nothing is given up and nothing is acknowledged early.
   * Rejects only when the role is told to stop, or on an error that is a bug.
   */
  async commit(batch: Batch): Promise<Outcome> {
    const { pool, log, signal } = this.#options;
    this.#seq++;
    const attempt: Attempt = { sent: false, allStaged: false, outcome: { committed: 0, duplicates: 0 } };
    for (let failures = 0; ; failures++) {
      try {
        return await traced('commit batch', { 'tier0.readings': batch.rows }, () =>
          pool.withClient((client) => this.#attempt(client, batch, attempt)),
        );
      } catch (error) {
        const passing = error instanceof UnavailableError || TRANSIENT.test(sqlState(error));
        if (!passing || signal.aborted) throw error;
        if (failures === 0) log.warn({ failure: describeError(error), rows: batch.rows }, 'batch waits');
        await pause(TRANSIENT_PAUSE_MS, signal);
      }
    }
  }

  async #attempt(client: pg.PoolClient, batch: Batch, attempt: Attempt): Promise<Outcome> {
    if (attempt.sent && (await this.#wasCommitted(client))) {
      this.#options.log.info({ seq: this.#seq }, 'unknown outcome resolved: committed');
      return attempt.outcome;
    }
    await this.#ensurePartitions(client, batch);
    for (let tries = 1; ; tries++) {
      try {
        await this.#write(client, batch, attempt);
        break;
      } catch (error) {
        const duplicate = isDuplicate(error);
        if (tries === WRITE_TRIES || !(duplicate || sqlState(error) === CHECK_VIOLATION)) throw error;
        if (duplicate) attempt.allStaged = true;
        this.#partitions.clear();
        await this.#ensurePartitions(client, batch);
      }
    }
    return attempt.outcome;
  }

  async #write(client: pg.PoolClient, batch: Batch, attempt: Attempt): Promise<void> {
    const { suspects, contexts, rejects } = batch;
    const plain = !attempt.allStaged && suspects === 0 && contexts.size === 0 && rejects.length === 0;
    if (plain) await this.#writeAtOnce(client, batch, attempt);
    else await this.#writeInSteps(client, batch, attempt);
  }

  async #writeAtOnce(client: pg.PoolClient, batch: Batch, attempt: Attempt): Promise<void> {
    attempt.outcome = { committed: batch.rows, duplicates: 0 };
    attempt.sent = true;
    const sql = `COPY reading (${COPY_COLUMNS}) FROM STDIN (FORMAT binary); ${this.#ledgerSql(batch, attempt.outcome)}`;
    await watchSyncWait(client, () => copyRows(client, sql, encodeCopy(batch, 'all')));
  }

  async #writeInSteps(client: pg.PoolClient, batch: Batch, attempt: Attempt): Promise<void> {
    await client.query('BEGIN');
    try {
      await this.#writeContexts(client, batch);
      await this.#writeRejects(client, batch);
      const direct = attempt.allStaged ? 0 : batch.rows - batch.suspects;
      if (direct > 0) await this.#copyInto(client, 'reading', batch, 'new');
      const staged = batch.rows - direct;
      const selection = attempt.allStaged ? 'all' : 'suspect';
      const stored = staged === 0 ? 0 : await this.#copyStaged(client, batch, selection);
      attempt.outcome = { committed: direct + stored, duplicates: staged - stored };
      await client.query(this.#ledgerSql(batch, attempt.outcome));
      attempt.sent = true;
      await watchSyncWait(client, () => client.query('COMMIT'));
    } catch (error) {
      // On a broken connection there is nothing to roll back, and the first error is the one that counts.
      await client.query('ROLLBACK').catch(() => {});
      throw error;
    }
  }

  async #copyStaged(client: pg.PoolClient, batch: Batch, selection: Selection): Promise<number> {
    await client.query(CREATE_STAGED);
    await this.#copyInto(client, 'staged', batch, selection);
    const { rowCount } = await client.query(
      `INSERT INTO reading (${COPY_COLUMNS}) SELECT ${COPY_COLUMNS} FROM staged ON CONFLICT DO NOTHING`,
    );
    return rowCount ?? 0;
  }

  #copyInto(client: pg.PoolClient, table: string, batch: Batch, selection: Selection): Promise<void> {
    return copyRows(
      client,
      `COPY ${table} (${COPY_COLUMNS}) FROM STDIN (FORMAT binary)`,
      encodeCopy(batch, selection),
    );
  }

  async #writeContexts(client: pg.PoolClient, batch: Batch): Promise<void> {
    if (batch.contexts.size === 0) return;
    // One order for all lanes: two that insert the same contexts wait for each other instead of deadlocking.
    const contexts = [...batch.contexts.values()].sort((a, b) => (a.hash < b.hash ? -1 : 1));
    await client.query(
      `INSERT INTO reading_context (context, body)
       SELECT * FROM unnest($1::bigint[], $2::jsonb[])
       ON CONFLICT (context) DO UPDATE SET last_used = current_date WHERE reading_context.last_used < current_date`,
      [contexts.map(({ hash }) => hash.toString()), contexts.map(({ body }) => body)],
    );
  }

  async #writeRejects(client: pg.PoolClient, { rejects }: Batch): Promise<void> {
    if (rejects.length === 0) return;
    await client.query(
      `INSERT INTO reject (received_at, region, reason, field, topic, payload)
       SELECT to_timestamp(r.at / 1000), $1, r.reason, r.field, r.topic, r.payload
       FROM unnest($2::float8[], $3::text[], $4::text[], $5::text[], $6::text[]) AS r (at, reason, field, topic, payload)`,
      [
        this.#options.region,
        rejects.map((reject) => reject.receivedMs),
        rejects.map((reject) => reject.reason),
        rejects.map((reject) => reject.field),
        rejects.map((reject) => reject.topic),
        rejects.map((reject) => reject.payload),
      ],
    );
  }

  /** All values are our own integers and a UUID, so the statement can share a round trip with COPY. */
  #ledgerSql({ rejects }: Batch, { committed, duplicates }: Outcome): string {
    const { instance, lane, region } = this.#options;
    return `INSERT INTO ingest_ledger AS l (instance, lane, region, batch_seq, committed, duplicates, rejected)
      VALUES ('${instance}', ${lane}, '${region}', ${this.#seq}, ${committed}, ${duplicates}, ${rejects.length})
      ON CONFLICT (instance, lane) DO UPDATE SET batch_seq = excluded.batch_seq,
        committed = l.committed + excluded.committed, duplicates = l.duplicates + excluded.duplicates,
        rejected = l.rejected + excluded.rejected, updated_at = now()`;
  }

  /**
   * Whether the batch that was under way when the connection broke is committed. The write makes it sure: it
   * waits for the row's lock, so for a transaction that the lost connection may still be committing, and its
   * own commit waits for the sync set, and with it everything before it in the log.
   */
  async #wasCommitted(client: pg.PoolClient): Promise<boolean> {
    const { instance, lane, region } = this.#options;
    const { rows } = await watchSyncWait(client, () =>
      client.query<{ batch_seq: string }>(
        `INSERT INTO ingest_ledger (instance, lane, region, batch_seq, committed, duplicates, rejected)
         VALUES ($1, $2, $3, 0, 0, 0, 0)
         ON CONFLICT (instance, lane) DO UPDATE SET updated_at = now() RETURNING batch_seq`,
        [instance, lane, region],
      ),
    );
    return Number(rows[0]?.batch_seq) === this.#seq;
  }

  async #ensurePartitions(client: pg.PoolClient, batch: Batch): Promise<void> {
    const { partitionMinutes } = this.#options;
    for (const partition of batch.partitions) {
      if (this.#partitions.has(partition)) continue;
      const start = new Date(partition * partitionMinutes * 60_000);
      await client.query('SELECT ensure_reading_partition($1, $2)', [start, partitionMinutes]);
      this.#partitions.add(partition);
    }
  }
}
