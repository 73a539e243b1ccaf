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

import type { Database } from '../lib/bounded-leader.ts';
import { DEVICE_STATES } from '../lib/fleet.ts';
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

/**
 * The statement for a type with `metricCount` metrics: one row a bucket, or one row a reading when there are
 * at most $5 of them. The interval is read once, so the choice and the answer are of the same readings.
 * $1 device_no, $2 from, $3 to, $4 width in seconds.
 */
export function historySql(metricCount: number): string {
  const numbers = Array.from({ length: metricCount }, (_, i) => i + 1);
  const values = numbers.map((n) => `, nullif(metrics[${n}], 'NaN') AS m${n}`).join('');
  const outcomes = numbers.map(
    (n) => `, min(m${n}) AS min${n}, avg(m${n}) AS avg${n}, max(m${n}) AS max${n}`,
  );
  return `
  WITH r AS MATERIALIZED (
    SELECT ts, state${values} FROM reading WHERE device_no = $1 AND ts >= $2 AND ts < $3
  ), whole AS (SELECT count(*) <= $5 AS raw FROM r)
  SELECT (extract(epoch FROM bucket))::float8 AS at_s, raw, count(*)::integer AS readings,
         max(state) AS state${outcomes.join('')}
  FROM (
    SELECT raw, CASE WHEN raw THEN ts ELSE date_bin(make_interval(secs => $4), ts, 'epoch'::timestamptz) END
                AS bucket, r.*
    FROM r CROSS JOIN whole
  ) AS b GROUP BY bucket, raw ORDER BY bucket`;
}

/** `min1`, `avg1`, `max1` … by the metric's place, beside what every bucket has. */
type BucketRow = Record<string, unknown> & { at_s: number; raw: boolean; readings: number; state: number };

/** A history's columns, before it is known whose it is. */
export type HistoryData = Pick<History, 'readings' | 'bucket_s' | 'timestamps' | 'states' | 'series'>;

const stateName = (state: number): string => DEVICE_STATES[state] ?? 'UNKNOWN';
const orNull = (value: unknown): number | null => (typeof value === 'number' ? value : null);
/** An average has no more digits than its readings are worth. */
const rounded = (value: number | null): number | null =>
  value === null ? null : Number(value.toPrecision(7));

export function shapeHistory(
  metrics: readonly string[],
  rows: readonly BucketRow[],
  widthMs: number,
): HistoryData {
  const raw = rows.every((row) => row.raw);
  return {
    readings: rows.reduce((sum, row) => sum + row.readings, 0),
    bucket_s: raw ? 0 : widthMs / 1000,
    timestamps: rows.map((row) => row.at_s),
    states: rows.map((row) => stateName(row.state)),
    series: metrics.map((metric, i) => {
      const avg = rows.map((row) => orNull(row[`avg${i + 1}`]));
      return {
        metric,
        min: rows.map((row) => orNull(row[`min${i + 1}`])),
        avg: raw ? avg : avg.map(rounded),
        max: rows.map((row) => orNull(row[`max${i + 1}`])),
      };
    }),
  };
}

/** Readings of [from, to): themselves when there are at most `points`, else buckets. Throws UnavailableError. */
export async function readHistory(
  db: Database,
  device: { readonly deviceNo: number; readonly metrics: readonly string[] },
  interval: Interval,
  points: number,
): Promise<HistoryData> {
  const widthMs = bucketWidthMs(interval, points);
  const { rows } = await db.query<BucketRow>(historySql(device.metrics.length), [
    device.deviceNo,
    new Date(interval.fromMs),
    new Date(interval.toMs),
    widthMs / 1000,
    points,
  ]);
  return shapeHistory(device.metrics, rows, widthMs);
}
