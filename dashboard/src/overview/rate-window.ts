/** The last minutes of readings per second, one sample per overview event. */

const RATE_WINDOW_S = 300;

export type RateSample = { readonly time_s: number; readonly perSecond: number };

/** The window with one more sample; older than 5 min falls out, and a sample not newer than the last is dropped. */
export function pushSample(samples: readonly RateSample[], next: RateSample): RateSample[] {
  const last = samples.at(-1);
  if (last !== undefined && next.time_s <= last.time_s) return [...samples];
  return [...samples.filter((sample) => sample.time_s > next.time_s - RATE_WINDOW_S), next];
}

/** Columns for the chart; null between samples more than `gap_s` apart, so that a pause does not look like data. */
export function rateColumns(
  samples: readonly RateSample[],
  gap_s: number,
): [times: number[], rates: (number | null)[]] {
  const times: number[] = [];
  const rates: (number | null)[] = [];
  for (const { time_s, perSecond } of samples) {
    const previous = times.at(-1);
    if (previous !== undefined && time_s - previous > gap_s) {
      times.push((previous + time_s) / 2);
      rates.push(null);
    }
    times.push(time_s);
    rates.push(perSecond);
  }
  return [times, rates];
}

const SHORTEST_S = 60;

/** Left end of the chart: the first sample, but one minute back at least and five at most. */
export function windowStart(samples: readonly RateSample[], newest_s: number): number {
  const first = samples[0]?.time_s ?? newest_s;
  return Math.max(newest_s - RATE_WINDOW_S, Math.min(newest_s - SHORTEST_S, first));
}
