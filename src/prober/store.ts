/** The ledger in the database, in both regions. */
import type { LeaderPool } from '../lib/leader-pool.ts';
import type { Failure, Minute } from './ledger.ts';

/** Minutes are stored as they are now; failures that are there already stay. Throws UnavailableError. */
export async function storeLedger(
  pool: LeaderPool,
  minutes: readonly Minute[],
  failures: readonly Failure[],
): Promise<void> {
  await pool.query(
    `WITH failure AS (
       INSERT INTO availability_failure (at, probe, run, failure, took_ms)
       SELECT to_timestamp(at), probe, run, failure, took_ms
       FROM jsonb_to_recordset($2::jsonb) AS f(at float8, probe text, run uuid, failure text, took_ms integer)
       ON CONFLICT DO NOTHING
     )
     INSERT INTO availability_minute AS kept
       (minute, run, observed_s, bad_s, good_requests, bad_requests, last_at)
     SELECT to_timestamp(minute), run, observed_s, bad_s, good_requests, bad_requests, to_timestamp(last_at)
     FROM jsonb_to_recordset($1::jsonb)
       AS m(minute float8, run uuid, observed_s smallint, bad_s smallint, good_requests integer,
            bad_requests integer, last_at float8)
     ON CONFLICT (minute, run) DO UPDATE SET observed_s = excluded.observed_s, bad_s = excluded.bad_s,
       good_requests = excluded.good_requests, bad_requests = excluded.bad_requests, last_at = excluded.last_at
     WHERE excluded.observed_s >= kept.observed_s`,
    [JSON.stringify(minutes), JSON.stringify(failures)],
  );
}
