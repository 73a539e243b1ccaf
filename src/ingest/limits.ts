/** What a metric can physically be, by the unit that ends its name. A value outside is refused as impossible. */

type Range = { readonly min: number; readonly max: number };

/** Wide on purpose: they catch broken sensors and mixed-up units, not alarms. */
const RANGES: readonly [suffix: string, range: Range][] = [
  ['_temp_c', { min: -273.15, max: 5_000 }],
  ['_pct', { min: 0, max: 100 }],
  ['_bar', { min: -1, max: 10_000 }],
  ['_ppm', { min: 0, max: 1_000_000 }],
  ['_dbm', { min: -200, max: 100 }],
  ['power_factor', { min: -1, max: 1 }],
  ['rpm', { min: 0, max: 1_000_000 }],
];
const ANY: Range = { min: -1e12, max: 1e12 };

export function metricRange(metric: string): Range {
  return RANGES.find(([suffix]) => metric.endsWith(suffix))?.[1] ?? ANY;
}
