/** Metric names carry their unit as the last part (domain facts); this takes them apart for display. */

const UNITS: readonly (readonly [suffix: string, unit: string])[] = [
  ['_mm_s', 'mm/s'],
  ['_kg_h', 'kg/h'],
  ['_l_h', 'l/h'],
  ['_m3_h', 'm³/h'],
  ['_c', '°C'],
  ['_bar', 'bar'],
  ['_kw', 'kW'],
  ['_ppm', 'ppm'],
  ['_pct', '%'],
  ['_a', 'A'],
  ['_v', 'V'],
  ['_dbm', 'dBm'],
];

export type MetricName = { readonly label: string; readonly unit: string };

/** `inlet_temp_c` → { label: 'Inlet temp', unit: '°C' }. A name without a known unit keeps all its words. */
export function metricName(name: string): MetricName {
  if (name === 'rpm') return { label: 'Speed', unit: 'rpm' };
  if (name === 'no_x_ppm') return { label: 'NOx', unit: 'ppm' };
  if (name === 'rssi_dbm') return { label: 'RSSI', unit: 'dBm' };
  const found = UNITS.find(([suffix]) => name.endsWith(suffix));
  const stem = found === undefined ? name : name.slice(0, -found[0].length);
  const words = stem.replaceAll('_', ' ').replace(' soc', ' charge');
  return { label: words.charAt(0).toUpperCase() + words.slice(1), unit: found?.[1] ?? '' };
}
