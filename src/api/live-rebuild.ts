/** Refills the live table from PostgreSQL, for what Redis does not have. */

import type { Database } from '../lib/bounded-leader.ts';
import { monotonicMs, pause } from '../lib/clock.ts';
import type { LiveTable } from './live-table.ts';

/** Bounds the memory of one answer and the time that one statement occupies the leader. */
const DEVICES_PER_QUERY = 2_000;

type LatestRow = {
  device_no: number;
  ts_ms: number;
  received_ms: number;
  context: string;
  state: number;
  metrics: number[];
};

/**
 * Applies the latest stored reading, no older than `sinceMs` (Unix ms), of the given devices, and works for at most
 * the share `duty` of the time, so that what people ask meanwhile is answered between. Returns how many have one.
 * Stops early when the signal aborts.
 */
export async function rebuildFromStore(
  db: Database,
  table: LiveTable,
  deviceNumbers: readonly number[],
  {
    sinceMs,
    duty,
    signal,
  }: { readonly sinceMs: number; readonly duty: number; readonly signal: AbortSignal },
): Promise<number> {
  let found = 0;
  let restMs = 0;
  for (let at = 0; at < deviceNumbers.length; at += DEVICES_PER_QUERY) {
    if (!(await pause(restMs, signal))) break;
    const startedMs = monotonicMs();
    const { rows } = await db.query<LatestRow>(
      `SELECT device_no, (extract(epoch FROM ts) * 1000)::float8 AS ts_ms,
              (extract(epoch FROM received_at) * 1000)::float8 AS received_ms,
              context::text AS context, state, metrics
       FROM latest_readings($1) WHERE device_no = ANY($2::integer[])`,
      [new Date(sinceMs), deviceNumbers.slice(at, at + DEVICES_PER_QUERY)],
    );
    for (const row of rows) {
      table.applyStored({
        deviceNo: row.device_no,
        tsMs: row.ts_ms,
        receivedMs: row.received_ms,
        context: BigInt(row.context),
        state: row.state,
        metrics: row.metrics,
      });
    }
    found += rows.length;
    restMs = (monotonicMs() - startedMs) * (1 / duty - 1);
  }
  return found;
}
