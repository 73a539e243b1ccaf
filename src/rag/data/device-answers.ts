/** Answers about devices that a question names. */
import type { Static } from 'typebox';
import type { Cell } from '../schemas.ts';
import type { PartialAnswer } from '../types.ts';
import { labelOf } from './fleet-answers.ts';
import { fetchDevices, type TelemetryDeps } from './fleet-live.ts';
import { answered, listed, number, refusal, rounded, table, text, time, written } from './intent.ts';

export type DevicesAsked = { readonly deviceIds: readonly string[]; readonly metrics: readonly string[] };

/** State and last reading of named devices; `metrics`: parts of names of metrics, empty: all. */
export async function answerDevices(
  deps: TelemetryDeps,
  { deviceIds, metrics }: DevicesAsked,
): Promise<PartialAnswer> {
  const rows: Record<string, Static<typeof Cell>>[] = [];
  const sentences: string[] = [];
  for (const deviceId of deviceIds) {
    const { devices } = await fetchDevices(deps, { device_id: deviceId, limit: '1' });
    const [device] = devices;
    if (device === undefined) {
      sentences.push(`No device ${deviceId} is registered.`);
      continue;
    }
    const { device_id, state, site_id, device_type, timestamp_utc, age_s } = device;
    const chosen = Object.entries(device.metrics).filter(
      ([name]) => metrics.length === 0 || metrics.includes(name),
    );
    const facts = {
      device_id,
      state,
      site_id,
      timestamp_utc,
      age_s: age_s === null ? null : rounded(age_s, 1),
    };
    const values = chosen.map(([metric, value]) => ({ metric, value: rounded(value, 4) }));
    rows.push(
      ...(values.length === 0
        ? [{ ...facts, metric: null, value: null }]
        : values.map((value) => ({ ...facts, ...value }))),
    );
    const read = timestamp_utc === null ? 'it has never reported' : `its last reading is of ${timestamp_utc}`;
    const said = values.map(({ metric, value }) => `${metric} ${written(value)}`);
    sentences.push(
      `${device_id} (${labelOf(device_type)} at ${site_id}) is ${state}; ${read}${said.length === 0 ? '' : `: ${said.join(', ')}`}.`,
    );
  }
  if (rows.length === 0) return refusal('telemetry', sentences.join(' '), []);
  const result = table({
    ...{ source: 'telemetry', title: listed(deviceIds), rows },
    explanation: `live state of ${listed(deviceIds)}, now; the unit is the last part of a metric's name`,
    columns: [
      text('device_id', 'Device'),
      text('state', 'State'),
      text('site_id', 'Site'),
      time('timestamp_utc', 'Last reading'),
      number('age_s', 'Age s'),
      text('metric', 'Metric'),
      number('value', 'Value'),
    ],
  });
  return answered('telemetry', sentences.join(' '), [result]);
}
