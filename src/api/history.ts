/**
 * A device's history, downsampled by PostgreSQL.
 *
 * Above `points` readings, time is cut into equal buckets and each keeps its minimum, maximum and average, so
 * a line drawn over it shows every extreme that the readings had. After Jugel, Jerzak, Hackenbroich, Markl:
 * "M4: A Visualization-Oriented Time Series Data Aggregation", VLDB 2014; its first and last of a bucket are
 * left out, since the average draws the line and the extremes its band.
 *
 * ts is bounded by parameters, so only the partitions of the interval are touched, each through its part of
 * the unique index (device_no, ts).
 */
import { DEVICE_STATES } from '../lib/fleet.ts';
import type { Database } from './registry-store.ts';
import type { History } from './schemas.ts';

const DAY_MS = 86_400_000;
/** Time stamps that both ISO 8601 with four digits and PostgreSQL can say. */
const EARLIEST_MS = Date.UTC(1970, 0, 1);
const LATEST_MS = Date.UTC(9999, 0, 1);

export type Interval = { readonly fromMs: number; readonly toMs: number };
export type IntervalError = { readonly field: 'from' | 'to'; readonly message: string };

/** The interval asked for, in Unix ms: `to` defaults to `nowMs`, `from` to 24 h before `to`. */
export function parseInterval(
  query: { readonly from?: string; readonly to?: string },
  nowMs: number,
): Interval | IntervalError {
  const toMs = query.to === undefined ? nowMs : Date.parse(query.to);
  if (!(toMs >= EARLIEST_MS && toMs <= LATEST_MS)) {
    return { field: 'to', message: 'to must be a time between 1970 and 9999' };
  }
  const fromMs = query.from === undefined ? toMs - DAY_MS : Date.parse(query.from);
  if (query.from !== undefined && !(fromMs >= EARLIEST_MS && fromMs <= LATEST_MS)) {
    return { field: 'from', message: 'from must be a time between 1970 and 9999' };
  }
  if (fromMs >= toMs) return { field: 'from', message: 'from must be before to' };
  return { fromMs, toMs };
}

/**
 * Width in whole milliseconds of buckets aligned to the Unix epoch, such that the interval touches at most
 * `points` (≥ 2) of them. Aligned, because a chart that is refreshed must not change its past.
 */
export function bucketWidthMs({ fromMs, toMs }: Interval, points: number): number {
  return Math.max(1, Math.ceil((toMs - fromMs) / (points - 1)));
}

const RAW_SQL = `
  SELECT (extract(epoch FROM ts))::float8 AS at_s, state, metrics
  FROM reading WHERE device_no = $1 AND ts >= $2 AND ts < $3
  ORDER BY ts LIMIT $4`;

/** The statement for a type with `metricCount` metrics; its columns: at_s, readings, state, min/avg/max of each. */
export function bucketSql(metricCount: number): string {
  const numbers = Array.from({ length: metricCount }, (_, i) => i + 1);
  const values = numbers.map((n) => `, nullif(metrics[${n}], 'NaN') AS m${n}`).join('');
  const outcomes = numbers.map(
    (n) => `, min(m${n}) AS min${n}, avg(m${n}) AS avg${n}, max(m${n}) AS max${n}`,
  );
  return `
  SELECT (extract(epoch FROM bucket))::float8 AS at_s, count(*)::integer AS readings, max(state) AS state${outcomes.join('')}
  FROM (
    SELECT date_bin(make_interval(secs => $4), ts, 'epoch'::timestamptz) AS bucket, state${values}
    FROM reading WHERE device_no = $1 AND ts >= $2 AND ts < $3
  ) AS r GROUP BY bucket ORDER BY bucket`;
}

type RawRow = { at_s: number; state: number; metrics: number[] };
type BucketRow = Record<string, number | null> & { at_s: number; readings: number; state: number };

/** A history's columns, before it is known whose it is. */
export type HistoryData = Pick<History, 'readings' | 'bucket_s' | 'timestamps' | 'states' | 'series'>;

const stateName = (state: number): string => DEVICE_STATES[state] ?? 'UNKNOWN';
const orNull = (value: number | null | undefined): number | null =>
  value === undefined || value === null || Number.isNaN(value) ? null : value;
/** An average has no more digits than its readings are worth. */
const rounded = (value: number | null): number | null =>
  value === null ? null : Number(value.toPrecision(7));

export function shapeRaw(metrics: readonly string[], rows: readonly RawRow[]): HistoryData {
  return {
    readings: rows.length,
    bucket_s: 0,
    timestamps: rows.map((row) => row.at_s),
    states: rows.map((row) => stateName(row.state)),
    series: metrics.map((metric, i) => {
      const values = rows.map((row) => orNull(row.metrics[i]));
      return { metric, min: values, avg: values, max: values };
    }),
  };
}

export function shapeBuckets(
  metrics: readonly string[],
  rows: readonly BucketRow[],
  widthMs: number,
): HistoryData {
  return {
    readings: rows.reduce((sum, row) => sum + row.readings, 0),
    bucket_s: widthMs / 1000,
    timestamps: rows.map((row) => row.at_s),
    states: rows.map((row) => stateName(row.state)),
    series: metrics.map((metric, i) => ({
      metric,
      min: rows.map((row) => orNull(row[`min${i + 1}`])),
      avg: rows.map((row) => rounded(orNull(row[`avg${i + 1}`]))),
      max: rows.map((row) => orNull(row[`max${i + 1}`])),
    })),
  };
}

/** Readings of [from, to): themselves when there are at most `points`, else buckets. Throws UnavailableError. */
export async function readHistory(
  db: Database,
  device: { readonly deviceNo: number; readonly metrics: readonly string[] },
  interval: Interval,
  points: number,
): Promise<HistoryData> {
  const bounds = [device.deviceNo, new Date(interval.fromMs), new Date(interval.toMs)];
  const raw = await db.query<RawRow>(RAW_SQL, [...bounds, points + 1]);
  if (raw.rows.length <= points) return shapeRaw(device.metrics, raw.rows);
  const widthMs = bucketWidthMs(interval, points);
  const buckets = await db.query<BucketRow>(bucketSql(device.metrics.length), [...bounds, widthMs / 1000]);
  return shapeBuckets(device.metrics, buckets.rows, widthMs);
}
