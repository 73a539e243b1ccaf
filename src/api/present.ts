/** Rows of the live table in the form of the public API. */
import { contextAt, MAX_METRICS } from '../lib/live-record.ts';
import { type ContextStore, NO_CONTEXT, type ReadingContext } from './contexts.ts';
import { LIVE_STATES, type LiveTable } from './live-table.ts';
import type { DeviceDetail } from './schemas.ts';

const isoTime = (ms: number): string => new Date(ms).toISOString();

/** The device in `row` at `nowMs` (Unix ms). */
function presentDevice(table: LiveTable, row: number, context: ReadingContext, nowMs: number): DeviceDetail {
  const { columns } = table;
  const type = table.types[columns.type[row] ?? 0];
  const site = table.sites[columns.site[row] ?? 0];
  if (type === undefined || site === undefined) throw new Error(`row ${row} has no type or site`);
  const heardMs = columns.heardMs[row] ?? 0;
  const reported = heardMs > 0;
  const metrics: Record<string, number> = {};
  type.metrics.forEach((name, i) => {
    const value = columns.metrics[row * MAX_METRICS + i] ?? Number.NaN;
    if (!Number.isNaN(value)) metrics[name] = value;
  });
  return {
    device_id: table.idOf(row),
    device_type: type.type,
    site_id: site.site_id,
    state: LIVE_STATES[table.stateAt(row, nowMs)] ?? 'UNKNOWN',
    reported_state: reported ? (LIVE_STATES[columns.state[row] ?? 0] ?? null) : null,
    timestamp_utc: reported ? isoTime(columns.tsMs[row] ?? 0) : null,
    received_at: reported ? isoTime(columns.receivedMs[row] ?? 0) : null,
    age_s: reported ? Math.max(0, Math.round((nowMs - heardMs) / 100) / 10) : null,
    metrics,
    expected_interval_s: (columns.intervalMs[row] ?? 0) / 1000,
    firmware: context.firmware,
    status: context.status,
    location: context.location,
    tags: context.tags,
  };
}

/** As presentDevice for several rows, their contexts looked up together. Throws UnavailableError. */
export async function presentDevices(
  table: LiveTable,
  contexts: ContextStore,
  rows: readonly number[],
  nowMs: number,
): Promise<DeviceDetail[]> {
  const keys = rows
    .filter((row) => (table.columns.heardMs[row] ?? 0) > 0)
    .map((row) => contextAt(table.columns, row));
  const found = await contexts.get(keys);
  return rows.map((row) =>
    presentDevice(table, row, found.get(contextAt(table.columns, row)) ?? NO_CONTEXT, nowMs),
  );
}
