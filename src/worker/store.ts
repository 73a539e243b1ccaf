/** The worker's statements, one function each, on a session that holds the worker's lock. */
import type { ClientBase } from 'pg';
import { DATA_REGIONS } from '../lib/topology.ts';
import type { Partition } from './partitions.ts';

/** Any fixed number will do; it is the worker's alone in this database. */
const LOCK_KEY = 7_430_001;
/** DDL that waits for a lock blocks everyone behind it: it gives up and comes again at the next pass. */
const LOCK_TIMEOUT_MS = 2_000;
const DELETES_PER_PASS = 50_000;

/** Session settings, and the lock if it is free. It is released when the session ends. */
export async function tryLock(client: ClientBase): Promise<boolean> {
  await client.query(`SET lock_timeout = ${LOCK_TIMEOUT_MS}`);
  await client.query("SET TimeZone = 'UTC'");
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [
    LOCK_KEY,
  ]);
  return rows[0]?.locked === true;
}

type PartitionRow = { name: string; from_ms: number; to_ms: number; bytes: number };

export async function listPartitions(client: ClientBase): Promise<Partition[]> {
  const { rows } = await client.query<PartitionRow>(`
    SELECT name, (extract(epoch FROM bounds[1]::timestamptz) * 1000)::float8 AS from_ms,
           (extract(epoch FROM bounds[2]::timestamptz) * 1000)::float8 AS to_ms, bytes
    FROM (
      SELECT c.relname AS name, pg_total_relation_size(c.oid)::float8 AS bytes,
             regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM \\('([^']+)'\\) TO \\('([^']+)'\\)$$) AS bounds
      FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'reading'::regclass AND NOT i.inhdetachpending
    ) AS p WHERE bounds IS NOT NULL ORDER BY from_ms`);
  return rows.map((row) => ({ name: row.name, fromMs: row.from_ms, toMs: row.to_ms, bytes: row.bytes }));
}

export async function createPartition(
  client: ClientBase,
  momentMs: number,
  widthMinutes: number,
): Promise<void> {
  await client.query('SELECT ensure_reading_partition($1, $2)', [new Date(momentMs), widthMinutes]);
}

/** `name` comes from the catalog. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/**
 * Detaches concurrently before dropping: dropping an attached partition would lock the whole table against
 * ingest. A drop that is interrupted between the two is finished by `dropLeftovers`.
 */
export async function dropPartition(client: ClientBase, name: string): Promise<void> {
  await client.query(`ALTER TABLE reading DETACH PARTITION ${quoted(name)} CONCURRENTLY`);
  await client.query(`DROP TABLE ${quoted(name)}`);
}

/** Finishes drops that were interrupted; returns how many. */
export async function dropLeftovers(client: ClientBase): Promise<number> {
  const pending = await client.query<{ name: string }>(`
    SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'reading'::regclass AND i.inhdetachpending`);
  for (const { name } of pending.rows) {
    await client.query(`ALTER TABLE reading DETACH PARTITION ${quoted(name)} FINALIZE`);
  }
  const orphans = await client.query<{ name: string }>(`
    SELECT relname AS name FROM pg_class
    WHERE relkind = 'r' AND NOT relispartition AND relnamespace = 'public'::regnamespace
      AND relname ~ '^reading_[0-9]{8}T[0-9]{4}$'`);
  for (const { name } of orphans.rows) await client.query(`DROP TABLE ${quoted(name)}`);
  return orphans.rows.length;
}

/** Deletes the oldest rejects beyond `limit`, a bounded number a pass; returns how many. */
export async function trimRejects(client: ClientBase, limit: number): Promise<number> {
  const { rowCount } = await client.query(
    `DELETE FROM reject WHERE reject_id IN (
       SELECT reject_id FROM reject
       WHERE reject_id <= (SELECT reject_id FROM reject ORDER BY reject_id DESC OFFSET $1 LIMIT 1)
       ORDER BY reject_id LIMIT $2)`,
    [limit, DELETES_PER_PASS],
  );
  return rowCount ?? 0;
}

/** Tables of which the newest rows are kept, with their keys. */
const BOUNDED = { access_log: 'entry_id', user_event: 'message_id' } as const;

/**
 * Deletes the oldest rows beyond `limit`, a bounded number a pass; returns how many. Counted by the planner's
 * estimate: counting millions of rows three times a minute would cost more than a few rows too many.
 */
export async function trimOldest(
  client: ClientBase,
  table: keyof typeof BOUNDED,
  limit: number,
): Promise<number> {
  const { rows } = await client.query<{ rows: number }>(
    'SELECT greatest(reltuples, 0)::float8 AS rows FROM pg_class WHERE oid = $1::regclass',
    [table],
  );
  const surplus = Math.min(DELETES_PER_PASS, Math.floor((rows[0]?.rows ?? 0) - limit));
  if (surplus <= 0) return 0;
  const key = BOUNDED[table];
  const { rowCount } = await client.query(
    `DELETE FROM ${table} WHERE ${key} IN (SELECT ${key} FROM ${table} ORDER BY at LIMIT $1)`,
    [surplus],
  );
  return rowCount ?? 0;
}

/**
 * A session is over when its site reports others and not this one. While a site is silent, or its reports wait in the
 * queue, its sessions stay as they were, for at most half a day. Those that have been over for two minutes are settled,
 * which takes them out of the index of those that may be open; who stores at the moment is not waited for. Those that
 * have been over for a week are removed, and counted.
 */
export async function closeSilentSessions(client: ClientBase): Promise<number> {
  await client.query(
    `UPDATE user_session AS session SET status = 'disconnected'
     WHERE NOT settled AND status <> 'disconnected' AND changed_at < now() - interval '2 minutes' AND (
       changed_at < now() - interval '12 hours' OR EXISTS (
         SELECT FROM user_event
         WHERE kind = 'activity' AND at > session.changed_at + interval '1 minute' AND site_id = session.site_id))`,
  );
  await client.query(
    `UPDATE user_session SET settled = true WHERE session_id IN (
       SELECT session_id FROM user_session
       WHERE NOT settled AND status = 'disconnected' AND changed_at < now() - interval '2 minutes'
       LIMIT $1 FOR UPDATE SKIP LOCKED)`,
    [DELETES_PER_PASS],
  );
  const { rowCount } = await client.query(
    `DELETE FROM user_session WHERE session_id IN (
       SELECT session_id FROM user_session
       WHERE status = 'disconnected' AND changed_at < now() - interval '7 days' LIMIT $1)`,
    [DELETES_PER_PASS],
  );
  return rowCount ?? 0;
}

/** Deletes keys of HTTP writes and probes older than a day, and all but the newest 1,000 drill reports. */
export async function trimWrites(client: ClientBase): Promise<number> {
  const removed = [
    await client.query(
      `DELETE FROM idempotency_key WHERE key IN (
         SELECT key FROM idempotency_key WHERE created_at < now() - interval '1 day' LIMIT $1)`,
      [DELETES_PER_PASS],
    ),
    await client.query(
      `DELETE FROM write_probe WHERE write_id IN (
         SELECT write_id FROM write_probe WHERE at < now() - interval '1 day' LIMIT $1)`,
      [DELETES_PER_PASS],
    ),
    await client.query(
      'DELETE FROM drill_report WHERE id IN (SELECT id FROM drill_report ORDER BY started_at DESC OFFSET 1000)',
    ),
  ];
  return removed.reduce((sum, { rowCount }) => sum + (rowCount ?? 0), 0);
}

/** The instance under which the counters of ingests that are gone stand; one lane a region. */
const FOLDED_INSTANCE = '00000000-0000-0000-0000-000000000000';

/**
 * Adds the rows of ingests that have been silent for 7 days to one row a region. One statement, so the sums
 * stay exact whatever interrupts it, and running it again changes nothing. Returns how many rows went.
 */
export async function foldLedger(client: ClientBase): Promise<number> {
  const { rows } = await client.query<{ gone: number }>(
    `WITH gone AS (
       DELETE FROM ingest_ledger
       WHERE updated_at < now() - interval '7 days' AND instance <> $1::uuid
       RETURNING region, committed, duplicates, rejected
     ), folded AS (
       INSERT INTO ingest_ledger AS l (instance, lane, region, batch_seq, committed, duplicates, rejected)
       SELECT $1::uuid, array_position($2::text[], region)::smallint, region, 0,
              sum(committed), sum(duplicates), sum(rejected)
       FROM gone GROUP BY region
       ON CONFLICT (instance, lane) DO UPDATE SET
         committed = l.committed + excluded.committed, duplicates = l.duplicates + excluded.duplicates,
         rejected = l.rejected + excluded.rejected, updated_at = now()
       RETURNING 1
     )
     SELECT count(*)::integer AS gone FROM gone`,
    [FOLDED_INSTANCE, DATA_REGIONS],
  );
  return rows[0]?.gone ?? 0;
}

/** Deletes contexts that no reading within the retention can refer to; returns how many. */
export async function deleteUnusedContexts(client: ClientBase, retentionDays: number): Promise<number> {
  const { rowCount } = await client.query(
    // A day more than the retention: last_used is a date, and a reading may be as late as its partition lives.
    `DELETE FROM reading_context WHERE context IN (
       SELECT context FROM reading_context WHERE last_used < current_date - ($1::integer + 1) LIMIT $2)`,
    [retentionDays, DELETES_PER_PASS],
  );
  return rowCount ?? 0;
}
