/** A reading of a registered device with its type's nominal values, as drills and probes publish them. Pure. */
import { DEVICE_TYPES, deviceTopic, fleetDevice, SITES } from './fleet.ts';

/** `status`: what marks it as ours. Throws for a number that is no device's. */
export function nominalReading(
  deviceNo: number,
  timestampMs: number,
  status: { readonly code: string; readonly message: string },
): { readonly topic: string; readonly payload: string } {
  const { typeIndex, siteIndex, deviceId } = fleetDevice(deviceNo);
  const type = DEVICE_TYPES[typeIndex];
  const site = SITES[siteIndex];
  if (type === undefined || site === undefined) throw new Error(`no device ${deviceNo} in the fleet`);
  return {
    topic: deviceTopic(site.id, type.type, deviceId),
    payload: JSON.stringify({
      device_id: deviceId,
      device_type: type.type,
      site_id: site.id,
      timestamp_utc: new Date(timestampMs).toISOString(),
      metrics: Object.fromEntries(type.metrics.map((name, index) => [name, type.nominal[index] ?? 0])),
      status: { state: 'OK', ...status },
    }),
  };
}
