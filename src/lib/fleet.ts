/**
 * The fleet's domain facts: sites, device types with their metrics, and device numbering.
 * Every other file takes them from here.
 */

export type DeviceState = 'OK' | 'WARN' | 'ALERT';
export const DEVICE_STATES: readonly DeviceState[] = ['OK', 'WARN', 'ALERT'];

export type Site = {
  readonly id: string;
  readonly place: string;
  /** Degrees, WGS 84. */
  readonly lat: number;
  readonly lon: number;
  readonly area: string;
};

export const SITES: readonly Site[] = [
  { id: 'WY-ALPHA', place: 'Wyoming', lat: 43.4231, lon: -106.3148, area: 'US-WEST' },
  { id: 'TX-EAGLE', place: 'Texas', lat: 31.2319, lon: -101.8752, area: 'US-SOUTH' },
  { id: 'ND-RAVEN', place: 'North Dakota', lat: 48.3992, lon: -102.781, area: 'US-NORTH' },
  { id: 'CA-DELTA', place: 'California', lat: 35.3733, lon: -119.0187, area: 'US-WEST' },
  { id: 'OK-BRAVO', place: 'Oklahoma', lat: 35.5376, lon: -97.4206, area: 'US-SOUTH' },
  { id: 'CO-SIERRA', place: 'Colorado', lat: 39.5501, lon: -105.7821, area: 'US-WEST' },
  { id: 'LA-GULF', place: 'Louisiana', lat: 29.9511, lon: -90.0715, area: 'US-SOUTH' },
  { id: 'NM-MESA', place: 'New Mexico', lat: 34.5199, lon: -105.8701, area: 'US-SOUTH' },
  { id: 'AK-NORTH', place: 'Alaska', lat: 70.2008, lon: -148.4597, area: 'US-ALASKA' },
  { id: 'MT-PEAK', place: 'Montana', lat: 47.5089, lon: -109.4532, area: 'US-NORTH' },
];

export type DeviceType = 'turbine' | 'thermal_engine' | 'electrical_rotor' | 'ogd';

export type DeviceTypeInfo = {
  readonly type: DeviceType;
  readonly label: string;
  readonly prefix: string;
  /** Metric names, the unit as the last part of the name; their order is the order of reading.metrics. */
  readonly metrics: readonly string[];
  /** Nominal value of each metric, in the order of `metrics`. */
  readonly nominal: readonly number[];
};

export const DEVICE_TYPES: readonly DeviceTypeInfo[] = [
  {
    type: 'turbine',
    label: 'Turbine',
    prefix: 'TURB-',
    metrics: [
      'rpm',
      'inlet_temp_c',
      'exhaust_temp_c',
      'vibration_mm_s',
      'pressure_bar',
      'power_kw',
      'fuel_flow_kg_h',
      'no_x_ppm',
    ],
    nominal: [3487, 412.6, 532.4, 2.1, 17.8, 12850.4, 420.7, 34.2],
  },
  {
    type: 'thermal_engine',
    label: 'Thermal engine',
    prefix: 'THRM-',
    metrics: [
      'rpm',
      'coolant_temp_c',
      'oil_temp_c',
      'oil_pressure_bar',
      'load_pct',
      'fuel_rate_l_h',
      'soot_pct',
    ],
    nominal: [1850, 91.3, 98.6, 4.6, 72.4, 158.2, 0.6],
  },
  {
    type: 'electrical_rotor',
    label: 'Electrical rotor',
    prefix: 'EROT-',
    metrics: ['stator_temp_c', 'bearing_temp_c', 'current_a', 'voltage_v', 'power_factor', 'vibration_mm_s'],
    nominal: [86.9, 74.1, 312.5, 416, 0.94, 1.3],
  },
  {
    type: 'ogd',
    label: 'Oil and gas device',
    prefix: 'OGD-',
    metrics: [
      'wellhead_pressure_bar',
      'wellhead_temp_c',
      'flow_rate_m3_h',
      'methane_leak_ppm',
      'battery_soc_pct',
      'rssi_dbm',
    ],
    nominal: [132.7, 67.4, 84.9, 2, 88, -72],
  },
];

/** Also accepted for `ogd` on the wire: type `connected_device` and the prefix `OGC-`. */
export const OGD_ALIAS = { type: 'connected_device', prefix: 'OGC-' } as const;

export const DEVICES_PER_TYPE = 25_000;
export const DEVICES_PER_SITE_AND_TYPE = 2_500;
export const FLEET_SIZE = DEVICE_TYPES.length * DEVICES_PER_TYPE;

const TOPIC_ROOT = 'og/field';

export type FleetDevice = {
  readonly deviceNo: number;
  readonly deviceId: string;
  readonly typeIndex: number;
  readonly siteIndex: number;
};

/** The device behind a number of the built-in fleet (1..FLEET_SIZE). Numbers of a type fill the sites in order. */
export function fleetDevice(no: number): FleetDevice {
  const typeIndex = Math.floor((no - 1) / DEVICES_PER_TYPE);
  const n = no - typeIndex * DEVICES_PER_TYPE;
  const info = DEVICE_TYPES[typeIndex];
  if (info === undefined || no < 1) throw new RangeError(`device number ${no} is outside 1..${FLEET_SIZE}`);
  return {
    deviceNo: no,
    deviceId: `${info.prefix}${String(n).padStart(5, '0')}`,
    typeIndex,
    siteIndex: Math.floor((n - 1) / DEVICES_PER_SITE_AND_TYPE),
  };
}

/** Topic of a device: og/field/{site_id}/{device_type}/{device_id}. */
export function deviceTopic(siteId: string, deviceType: string, deviceId: string): string {
  return `${TOPIC_ROOT}/${siteId}/${deviceType}/${deviceId}`;
}
