/** The ledger of the write path's probes. */
import type { Static } from 'typebox';
import type { Database } from '../lib/bounded-leader.ts';
import type { WriteProbesBody, WriteProbesQuery } from './schemas.ts';

type Totals = { rows: number; distinct: number };
type Stored = { seq: number; count: number };

/** Numbers above `after`, in order, each with how often it is stored. Throws UnavailableError. */
export async function readProbes(
  db: Database,
  { writer, after, limit }: Static<typeof WriteProbesQuery>,
): Promise<WriteProbesBody> {
  const totals = await db.query<Totals>(
    `SELECT count(*)::float8 AS rows, count(DISTINCT seq)::float8 AS distinct
     FROM write_probe WHERE writer = $1`,
    [writer],
  );
  const { rows: seqs } = await db.query<Stored>(
    `SELECT seq::float8 AS seq, count(*)::integer AS count
     FROM write_probe WHERE writer = $1 AND seq > $2 GROUP BY seq ORDER BY seq LIMIT $3`,
    [writer, after, limit],
  );
  const { rows, distinct } = totals.rows[0] ?? { rows: 0, distinct: 0 };
  const last = seqs.length === limit ? (seqs.at(-1)?.seq ?? null) : null;
  return { writer, rows, distinct, seqs, next_after: last };
}
