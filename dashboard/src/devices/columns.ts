/** Columns of the device list: fixed ones, and the metrics of the chosen type or the first three of any. */
import { DEVICE_TYPES } from '../../../src/lib/fleet.ts';
import { metricName } from '../lib/metric-name.ts';

export type Columns = {
  /** With a chosen type, one column a metric; without one, null: each row shows its own first metrics. */
  readonly metrics: readonly string[] | null;
};

/** Metrics a row shows when types are mixed. */
export const MIXED_METRICS = 3;

const BY_TYPE = new Map<string, Columns>(DEVICE_TYPES.map((info) => [info.type, { metrics: info.metrics }]));
const MIXED: Columns = { metrics: null };

/** The same object for the same type, so that rows need not be drawn again. */
export function columnsFor(type: string | null): Columns {
  return (type === null ? undefined : BY_TYPE.get(type)) ?? MIXED;
}

const TYPE_LABELS = new Map<string, string>(DEVICE_TYPES.map((info) => [info.type, info.label]));

export function typeLabel(type: string): string {
  return TYPE_LABELS.get(type) ?? type;
}

/** Names of a device's metrics, the known ones in their usual order, then what else it sent. */
export function metricOrder(type: string, metrics: Readonly<Record<string, number>>): string[] {
  const known = BY_TYPE.get(type)?.metrics ?? [];
  const sent = Object.keys(metrics);
  return [...known.filter((name) => name in metrics), ...sent.filter((name) => !known.includes(name))];
}

/** Metrics whose history can be asked for: those of the type, also when the last reading lacked them, and those sent. */
export function chartedMetrics(type: string, metrics: Readonly<Record<string, number>>): string[] {
  const known = BY_TYPE.get(type)?.metrics ?? [];
  return [...known, ...Object.keys(metrics).filter((name) => !known.includes(name))];
}

const HEADINGS = new Map<string, string>();

/** `Inlet temp °C`, computed once a name because every row asks for it. */
export function heading(name: string): string {
  const found = HEADINGS.get(name);
  if (found !== undefined) return found;
  const { label, unit } = metricName(name);
  const text = unit === '' ? label : `${label} ${unit}`;
  HEADINGS.set(name, text);
  return text;
}
