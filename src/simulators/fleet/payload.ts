/** The text of a reading as a device sends it. Plain concatenation: JSON.stringify costs three times as much. */
import {
  DEVICE_TYPES,
  DEVICES_PER_SITE_AND_TYPE,
  DEVICES_PER_TYPE,
  deviceTopic,
  SITES,
} from '../../lib/fleet.ts';

export type ReadingStatus = { readonly state: string; readonly code: string; readonly message: string };

/** Few distinct vendors, firmwares and loops, as in a real fleet: ingest stores each combination once. */
const VENDORS = [
  { vendor: 'HanTech', firmware: '3.2.1' },
  { vendor: 'Norvik', firmware: '2.9.4' },
  { vendor: 'Calder', firmware: '4.0.0' },
] as const;
const LOOPS = ['A1', 'A2', 'B1', 'B2', 'C1'] as const;
const DEVICES_PER_LOOP = DEVICES_PER_SITE_AND_TYPE / LOOPS.length;

/** Text between the parts that change, by what it depends on. */
const TYPE_PARTS = DEVICE_TYPES.map((info) => ({
  idStart: `{"device_id":"${info.prefix}`,
  afterId: `","device_type":"${info.type}","site_id":"`,
  metricKeys: info.metrics.map((name, index) => `${index === 0 ? '' : ','}"${name}":`),
}));
const SITE_PARTS = SITES.map((site) => ({
  id: site.id,
  location: `"},"location":{"lat":${site.lat},"lon":${site.lon}},"tags":{"vendor":"`,
}));
const TOPIC_STARTS = SITES.map((site) =>
  DEVICE_TYPES.map((info) => deviceTopic(site.id, info.type, info.prefix)),
);

/** Topic of a device of the built-in fleet, 1 … FLEET_SIZE. */
export function readingTopic(deviceNo: number): string {
  const { typeIndex, siteIndex, digits } = parts(deviceNo);
  return `${TOPIC_STARTS[siteIndex]?.[typeIndex] ?? ''}${digits}`;
}

/**
 * Payload of a reading of the built-in fleet. `values` are numbers, or their text, in the order of the
 * device type's metrics; `timestampUtc` is ISO 8601 with milliseconds.
 */
export function readingPayload(
  deviceNo: number,
  timestampUtc: string,
  values: ArrayLike<number | string>,
  status: ReadingStatus,
): string {
  const { typeIndex, siteIndex, digits, local } = parts(deviceNo);
  const type = TYPE_PARTS[typeIndex];
  const site = SITE_PARTS[siteIndex];
  const maker = VENDORS[local % VENDORS.length];
  const loop = LOOPS[Math.floor(local / DEVICES_PER_LOOP)];
  if (type === undefined || site === undefined || maker === undefined || loop === undefined) {
    throw new RangeError(`device ${deviceNo} is outside the built-in fleet`);
  }
  let metrics = '';
  for (let index = 0; index < type.metricKeys.length; index++) {
    metrics += `${type.metricKeys[index]}${values[index]}`;
  }
  return `${type.idStart}${digits}${type.afterId}${site.id}","timestamp_utc":"${timestampUtc}","firmware":"${maker.firmware}","metrics":{${metrics}},"status":{"state":"${status.state}","code":"${status.code}","message":"${status.message}${site.location}${maker.vendor}","loop":"${loop}"}}`;
}

/** Where a device stands: its type, its site, the digits of its id, and its index among its like at the site. */
function parts(deviceNo: number): { typeIndex: number; siteIndex: number; digits: string; local: number } {
  const typeIndex = Math.floor((deviceNo - 1) / DEVICES_PER_TYPE);
  const index = deviceNo - 1 - typeIndex * DEVICES_PER_TYPE;
  const siteIndex = Math.floor(index / DEVICES_PER_SITE_AND_TYPE);
  return {
    typeIndex,
    siteIndex,
    digits: String(index + 1).padStart(5, '0'),
    local: index - siteIndex * DEVICES_PER_SITE_AND_TYPE,
  };
}
