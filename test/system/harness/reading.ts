/** Readings as a device sends them, for tests. */
import { DEVICE_TYPES, deviceTopic, fleetDevice, SITES } from '../../../src/lib/fleet.ts';

export type Message = {
  device_id: string;
  device_type: string;
  site_id: string;
  timestamp_utc: string;
  metrics: Record<string, number>;
  status: { state: string; code: string; message: string };
};

/** A device's topic and a valid reading of it with its type's nominal values. `tsMs`: Unix milliseconds. */
export function validReading(deviceNo: number, tsMs: number): { topic: string; message: Message } {
  const device = fleetDevice(deviceNo);
  const type = DEVICE_TYPES[device.typeIndex];
  const site = SITES[device.siteIndex];
  if (type === undefined || site === undefined) throw new RangeError(`no device ${deviceNo}`);
  return {
    topic: deviceTopic(site.id, type.type, device.deviceId),
    message: {
      device_id: device.deviceId,
      device_type: type.type,
      site_id: site.id,
      timestamp_utc: new Date(tsMs).toISOString(),
      metrics: Object.fromEntries(type.metrics.map((name, index) => [name, type.nominal[index] ?? 0])),
      status: { state: 'OK', code: 'OK', message: 'Nominal' },
    },
  };
}
