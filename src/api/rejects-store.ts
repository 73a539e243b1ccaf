/** Refused messages, newest first. */
import type { Database } from '../lib/bounded-leader.ts';
import type { RejectsBody } from './schemas.ts';

const EXCERPT_CHARACTERS = 512;

type RejectRow = {
  received_at: Date;
  region: string;
  reason: string;
  field: string | null;
  topic: string;
  payload: string;
};

/** `reason` null: any. Throws UnavailableError. */
export async function readRejects(db: Database, reason: string | null, limit: number): Promise<RejectsBody> {
  const count = await db.query<{ total: number }>(
    'SELECT count(*)::integer AS total FROM reject WHERE $1::text IS NULL OR reason = $1',
    [reason],
  );
  const { rows } = await db.query<RejectRow>(
    `SELECT received_at, region, reason, field, topic, left(payload, ${EXCERPT_CHARACTERS}) AS payload
     FROM reject WHERE $1::text IS NULL OR reason = $1
     ORDER BY reject_id DESC LIMIT $2`,
    [reason, limit],
  );
  return {
    total: count.rows[0]?.total ?? 0,
    rejects: rows.map((row) => ({ ...row, received_at: row.received_at.toISOString() })),
  };
}
