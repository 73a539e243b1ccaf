/**
 * The latest reading of one device as it stands in the live cache: a fixed head and up to 16 metrics.
 *
 * One region's ingest writes `live:{region}` (a hash: field = device_no, value = record) and publishes the
 * same records, each behind its device_no as uint32, on the channel `live:feed`. Readers keep, of the two
 * regions' records of a device, the one with the later timestamp, so the two writers never conflict.
 *
 * Layout, little-endian: ts_ms f64 | received_ms f64 | context i64 | state u8 | n u8 | n × f64 (NaN = absent)
 */

const HEAD_BYTES = 26;
export const MAX_METRICS = 16;

export const liveHashKey = (region: string): string => `live:${region}`;
export const LIVE_FEED_CHANNEL = 'live:feed';
/** Hash region -> Unix ms since when that region's ingest has been accepting readings without a break. */
export const LIVE_OBSERVING_KEY = 'live:observing';

export function liveRecordBytes(metricCount: number): number {
  return HEAD_BYTES + 8 * metricCount;
}

/** A view for the functions below: on a Buffer's own accessors they would cost twice as much. */
export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Columns that a table of latest readings keeps; `metrics` has MAX_METRICS places a row. */
export type LiveColumns = {
  /** Event time and arrival time, Unix milliseconds. */
  readonly tsMs: Float64Array;
  readonly receivedMs: Float64Array;
  /**
   * Key into reading_context (firmware, status code and message, location, tags) as pairs of 32-bit words, low
   * first: at 100,000 records a second a BigInt each would be most of the garbage.
   */
  readonly contextWords: Int32Array;
  /** Index into DEVICE_STATES. */
  readonly state: Uint8Array;
  /** In the order of the device type's metrics; NaN where the reading had none. */
  readonly metrics: Float64Array;
};

/** Writes row `row` of the columns, with its first `count` metrics, at `offset`; returns the offset behind it. */
export function encodeLiveRecord(
  target: DataView,
  offset: number,
  columns: LiveColumns,
  row: number,
  count: number,
): number {
  target.setFloat64(offset, columns.tsMs[row] ?? 0, true);
  target.setFloat64(offset + 8, columns.receivedMs[row] ?? 0, true);
  target.setInt32(offset + 16, columns.contextWords[2 * row] ?? 0, true);
  target.setInt32(offset + 20, columns.contextWords[2 * row + 1] ?? 0, true);
  target.setUint8(offset + 24, columns.state[row] ?? 0);
  target.setUint8(offset + 25, count);
  const first = row * MAX_METRICS;
  let at = offset + HEAD_BYTES;
  for (let i = first; i < first + count; i++, at += 8)
    target.setFloat64(at, columns.metrics[i] ?? Number.NaN, true);
  return at;
}

/** The key into reading_context of a row. */
export function contextAt({ contextWords }: LiveColumns, row: number): bigint {
  return (BigInt(contextWords[2 * row + 1] ?? 0) << 32n) | BigInt((contextWords[2 * row] ?? 0) >>> 0);
}

export function setContextAt({ contextWords }: LiveColumns, row: number, context: bigint): void {
  contextWords[2 * row] = Number(BigInt.asIntN(32, context));
  contextWords[2 * row + 1] = Number(BigInt.asIntN(32, context >> 32n));
}

/** Event time, arrival time and end of the record at `offset`, read in place. Throws RangeError when cut short. */
export function peekLiveRecord(
  source: DataView,
  offset: number,
): { tsMs: number; receivedMs: number; next: number } {
  const next = offset + liveRecordBytes(source.getUint8(offset + 25));
  if (next > source.byteLength) throw new RangeError('live record is cut short');
  return { tsMs: source.getFloat64(offset, true), receivedMs: source.getFloat64(offset + 8, true), next };
}

/** Copies the record at `offset` into row `row`; for hot paths, allocates nothing. */
export function copyLiveRecord(source: DataView, offset: number, columns: LiveColumns, row: number): void {
  const n = Math.min(source.getUint8(offset + 25), MAX_METRICS);
  columns.tsMs[row] = source.getFloat64(offset, true);
  columns.receivedMs[row] = source.getFloat64(offset + 8, true);
  columns.contextWords[2 * row] = source.getInt32(offset + 16, true);
  columns.contextWords[2 * row + 1] = source.getInt32(offset + 20, true);
  columns.state[row] = source.getUint8(offset + 24);
  const base = row * MAX_METRICS;
  for (let i = 0; i < n; i++)
    columns.metrics[base + i] = source.getFloat64(offset + HEAD_BYTES + 8 * i, true);
  columns.metrics.fill(Number.NaN, base + n, base + MAX_METRICS);
}
