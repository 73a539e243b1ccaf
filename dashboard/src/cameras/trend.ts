/** The course of the score as the chart draws it and as words tell it. Pure. */
import type { SummaryBody } from '../../../src/vision/schemas.ts';
import { formatDateTime } from '../lib/format.ts';

export type TrendColumns = {
  /** Middle of each step, Unix seconds. */
  readonly times: number[];
  readonly scores: (number | null)[];
  readonly images: number[];
  readonly step_s: number;
};

export const NO_TREND: TrendColumns = { times: [], scores: [], images: [], step_s: 1 };

export function trendColumns({ trend }: SummaryBody): TrendColumns {
  if (trend.from === null) return NO_TREND;
  const from_s = Date.parse(trend.from) / 1000;
  return {
    times: trend.avg_compliance.map((_, i) => from_s + (i + 0.5) * trend.step_s),
    scores: [...trend.avg_compliance],
    images: [...trend.images],
    step_s: trend.step_s,
  };
}

export function trendBounds({ times, step_s }: TrendColumns): [number, number] {
  const [first, last] = [times[0], times.at(-1)];
  return first === undefined || last === undefined ? [0, 1] : [first - step_s / 2, last + step_s / 2];
}

export function trendReadout({ times, scores, images, step_s }: TrendColumns, row: number | null): string {
  const time = row === null ? undefined : times[row];
  if (row === null || time === undefined) return times.length === 0 ? ' ' : 'All sites · UTC';
  const at = formatDateTime(new Date((time - step_s / 2) * 1000).toISOString());
  const score = scores[row] ?? null;
  const said = score === null ? 'no photo with people' : `score ${score}`;
  return `From ${at}: ${said}, ${images[row] ?? 0} photos`;
}
