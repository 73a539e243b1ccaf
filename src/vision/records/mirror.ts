/** Copies what changed in MongoDB into PostgreSQL, where the RAG service reads and questions are answered from. */
import type { Leader } from '../../lib/bounded-leader.ts';
import { pause, wallMs } from '../../lib/clock.ts';
import { describeError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import type { MongoRecords } from './mongo-records.ts';

const EVERY_MS = 1_000;
const BATCH = 200;
/** Clocks of two regions differ, and a write takes a moment: what is this old is looked at again. */
const OVERLAP_MS = 10_000;

/** Newer versions only: two regions may copy at once, in any order. */
const COPY = `INSERT INTO image_record (image_id, taken_at, site_id, device_type, record)
  VALUES ($1, $2, $3, $4, $5)
  ON CONFLICT (image_id) DO UPDATE SET record = excluded.record
  WHERE (image_record.record->>'version')::integer < (excluded.record->>'version')::integer`;

/** Until the signal aborts, in the region that leads. Starts from the beginning: a region that took over has missed some. */
export async function mirror(
  records: MongoRecords,
  leader: Leader,
  leads: () => boolean,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  let since = '';
  let failure: string | null = null;
  while (await pause(EVERY_MS, signal)) {
    if (!leads()) {
      since = '';
      continue;
    }
    try {
      since = await copy(records, leader, since);
      failure = null;
    } catch (error) {
      const why = describeError(error);
      if (why !== failure) log.warn({ failure: why }, 'records are not copied to PostgreSQL');
      failure = why;
    }
  }
}

/** The time from which the next look begins. */
async function copy(records: MongoRecords, leader: Leader, since: string): Promise<string> {
  let from = since;
  for (;;) {
    const changed = await records.changedSince(from, BATCH);
    for (const record of changed) {
      const { image_id, taken_at, site_id, device_type } = record;
      await leader.query(COPY, [image_id, taken_at, site_id, device_type, record]);
    }
    const last = changed.at(-1)?.updated_at;
    if (changed.length < BATCH || last === undefined || last === from) {
      const recent = new Date(wallMs() - OVERLAP_MS).toISOString();
      return last === undefined || last > recent ? recent : last;
    }
    from = last;
  }
}
