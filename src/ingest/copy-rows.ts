/**
 * Rows of table reading in PostgreSQL's binary COPY format (documentation of COPY, "Binary Format"):
 * measured against the text format it costs PostgreSQL no number parsing and us no number formatting.
 */
import { MAX_METRICS } from '../lib/live-record.ts';
import type { Batch } from './batch.ts';

export const COPY_COLUMNS = 'ts, received_at, context, device_no, state, metrics, extra';

const HEADER = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);
const TRAILER_BYTES = 2;
const FLOAT8_OID = 701;
const COLUMNS = 7;
/** Without metrics and extra: column count, three 8-byte columns, int4, int2, array head, extra's length. */
const ROW_HEAD_BYTES = 2 + 3 * 12 + 8 + 6 + 24 + 4;
const METRIC_BYTES = 12;
/** PostgreSQL counts microseconds from 2000-01-01. */
const EPOCH_2000_MS = 946_684_800_000;
const TWO_32 = 4_294_967_296;
const NEW_ROWS = 0;
const SUSPECT_ROWS = 1;

export type Selection = 'new' | 'suspect' | 'all';

/** The chosen rows of a batch as one COPY stream. */
export function encodeCopy(batch: Batch, selection: Selection): Buffer {
  const skip = selection === 'all' ? -1 : selection === 'new' ? SUSPECT_ROWS : NEW_ROWS;
  const extras = new Map<number, Buffer>();
  for (const [row, json] of batch.extra) extras.set(row, Buffer.from(`\u0001${json}`, 'utf8'));
  const buffer = Buffer.allocUnsafe(copyBytes(batch, skip, extras));
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  HEADER.copy(buffer);
  let at = HEADER.length;
  for (let row = 0; row < batch.rows; row++) {
    if (batch.suspect[row] !== skip) at = writeRow(batch, row, view, buffer, at, extras.get(row));
  }
  view.setInt16(at, -1);
  return buffer;
}

function copyBytes(batch: Batch, skip: number, extras: ReadonlyMap<number, Buffer>): number {
  let bytes = HEADER.length + TRAILER_BYTES;
  for (let row = 0; row < batch.rows; row++) {
    if (batch.suspect[row] === skip) continue;
    bytes += ROW_HEAD_BYTES + METRIC_BYTES * (batch.metricCount[row] ?? 0) + (extras.get(row)?.length ?? 0);
  }
  return bytes;
}

function writeRow(
  batch: Batch,
  row: number,
  view: DataView,
  buffer: Buffer,
  start: number,
  extra: Buffer | undefined,
): number {
  const count = batch.metricCount[row] ?? 0;
  view.setInt16(start, COLUMNS);
  view.setInt32(start + 2, 8);
  writeTimestamp(view, start + 6, batch.tsMs[row] ?? 0);
  view.setInt32(start + 14, 8);
  writeTimestamp(view, start + 18, batch.receivedMs[row] ?? 0);
  view.setInt32(start + 26, 8);
  view.setInt32(start + 30, batch.contextWords[2 * row + 1] ?? 0);
  view.setInt32(start + 34, batch.contextWords[2 * row] ?? 0);
  view.setInt32(start + 38, 4);
  view.setInt32(start + 42, batch.deviceNo[row] ?? 0);
  view.setInt32(start + 46, 2);
  view.setInt16(start + 50, batch.state[row] ?? 0);
  view.setInt32(start + 52, 20 + METRIC_BYTES * count);
  view.setInt32(start + 56, 1);
  view.setInt32(start + 60, 0);
  view.setInt32(start + 64, FLOAT8_OID);
  view.setInt32(start + 68, count);
  view.setInt32(start + 72, 1);
  let at = start + 76;
  const first = row * MAX_METRICS;
  for (let i = first; i < first + count; i++, at += METRIC_BYTES) {
    view.setInt32(at, 8);
    view.setFloat64(at + 4, batch.metrics[i] ?? Number.NaN);
  }
  view.setInt32(at, extra?.length ?? -1);
  if (extra !== undefined) extra.copy(buffer, at + 4);
  return at + 4 + (extra?.length ?? 0);
}

function writeTimestamp(view: DataView, at: number, unixMs: number): void {
  const micros = Math.round((unixMs - EPOCH_2000_MS) * 1_000);
  const high = Math.floor(micros / TWO_32);
  view.setInt32(at, high);
  view.setUint32(at + 4, micros - high * TWO_32);
}
