/** Time ranges of the history chart and the shaping of the API's buckets for it. */

import type { Static } from 'typebox';
import type { HistorySeries } from '../../../src/api/schemas.ts';

type Series = Static<typeof HistorySeries>;

const HOUR_S = 3600;
export const RANGES = [
  { id: '1h', label: '1 h', span_s: HOUR_S, refresh_s: 10 },
  { id: '6h', label: '6 h', span_s: 6 * HOUR_S, refresh_s: 30 },
  { id: '24h', label: '24 h', span_s: 24 * HOUR_S, refresh_s: 60 },
  { id: '7d', label: '7 d', span_s: 7 * 24 * HOUR_S, refresh_s: 300 },
] as const;
export type HistoryRange = (typeof RANGES)[number];

/** The range named in the address, or one hour. */
export function rangeOf(id: string | null): HistoryRange {
  return RANGES.find((range) => range.id === id) ?? RANGES[0];
}

type Column = (number | null)[];
export type ChartColumns = {
  readonly times: number[];
  readonly min: Column;
  readonly avg: Column;
  readonly max: Column;
  readonly states: (string | null)[];
};

/**
 * Columns for the chart with a null row in every gap, because the API leaves empty buckets out and a line
 * drawn across silence would claim readings that never were. `gap_s`: a longer distance is a gap.
 */
export function withGaps(
  timestamps: readonly number[],
  states: readonly string[],
  series: Series,
  gap_s: number,
): ChartColumns {
  const out: ChartColumns = { times: [], min: [], avg: [], max: [], states: [] };
  let previous = Number.POSITIVE_INFINITY;
  timestamps.forEach((time, i) => {
    if (time - previous > gap_s) {
      out.times.push((previous + time) / 2);
      for (const column of [out.min, out.avg, out.max]) column.push(null);
      out.states.push(null);
    }
    out.times.push(time);
    out.min.push(series.min[i] ?? null);
    out.avg.push(series.avg[i] ?? null);
    out.max.push(series.max[i] ?? null);
    out.states.push(states[i] ?? null);
    previous = time;
  });
  return out;
}

/** The longest distance between neighbours that is not a gap: three intervals, or one missing bucket. */
export function gapSeconds(bucket_s: number, expected_interval_s: number): number {
  return Math.max(bucket_s * 1.5, bucket_s + 2 * expected_interval_s, 3 * expected_interval_s);
}
