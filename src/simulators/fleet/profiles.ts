/**
 * How each device type's metrics answer to what drives them, and what its faults look like.
 *
 * value = nominal × (1 + load·L + heat·H + sun·S + noise) and then what a fault does to it, where L is the
 * load's deviation from nominal (about -0.3 … 0.3), H the same behind a thermal lag, and S daylight (-1 … 1).
 */
import { DEVICE_TYPES, type DeviceType } from '../../lib/fleet.ts';

export type MetricProfile = {
  readonly nominal: number;
  readonly load: number;
  readonly heat: number;
  readonly sun: number;
  /** Standard deviation of one measurement, relative. Devices of a type differ by four times as much. */
  readonly noise: number;
  readonly decimals: number;
  readonly max: number;
};

/** At full severity a metric becomes value × factor + add. */
type FaultEffect = { readonly metric: number; readonly factor: number; readonly add: number };
export type Fault = {
  readonly code: string;
  readonly warning: string;
  readonly alert: string;
  readonly effects: readonly FaultEffect[];
};

export type TypeProfile = {
  readonly metrics: readonly MetricProfile[];
  readonly faults: readonly Fault[];
};

type MetricLine = Partial<Omit<MetricProfile, 'nominal'>> & {
  readonly noise: number;
  readonly decimals: number;
};
type FaultLine = Omit<Fault, 'effects'> & {
  readonly effects: Readonly<Record<string, readonly [factor: number, add: number]>>;
};
type TypeLine = {
  readonly metrics: Readonly<Record<string, MetricLine>>;
  readonly faults: readonly FaultLine[];
};

const LINES: Readonly<Record<DeviceType, TypeLine>> = {
  turbine: {
    metrics: {
      rpm: { load: 0.04, noise: 0.0015, decimals: 0 },
      inlet_temp_c: { load: 0.01, heat: 0.05, sun: 0.006, noise: 0.002, decimals: 1 },
      exhaust_temp_c: { load: 0.03, heat: 0.09, noise: 0.002, decimals: 1 },
      vibration_mm_s: { load: 0.05, heat: 0.05, noise: 0.03, decimals: 2 },
      pressure_bar: { load: 0.2, noise: 0.003, decimals: 2 },
      power_kw: { load: 0.95, noise: 0.003, decimals: 1 },
      fuel_flow_kg_h: { load: 0.85, noise: 0.003, decimals: 1 },
      no_x_ppm: { load: 0.4, heat: 0.15, noise: 0.012, decimals: 1 },
    },
    faults: [
      {
        code: 'BRG',
        warning: 'Bearing wear: vibration and exhaust temperature rising',
        alert: 'Bearing wear: vibration above trip level',
        effects: { vibration_mm_s: [2.9, 1.8], exhaust_temp_c: [1.05, 12], rpm: [0.992, 0] },
      },
      {
        code: 'FOUL',
        warning: 'Compressor fouling: discharge pressure low for the fuel burned',
        alert: 'Compressor fouling: wash required',
        effects: {
          pressure_bar: [0.78, 0],
          fuel_flow_kg_h: [1.14, 0],
          exhaust_temp_c: [1.08, 0],
          power_kw: [0.9, 0],
        },
      },
      {
        code: 'NOX',
        warning: 'Combustion out of tune: NOx rising',
        alert: 'Combustion out of tune: NOx above permit',
        effects: { no_x_ppm: [2.3, 0], inlet_temp_c: [1.04, 0] },
      },
    ],
  },
  thermal_engine: {
    metrics: {
      rpm: { load: 0.12, noise: 0.003, decimals: 0 },
      coolant_temp_c: { load: 0.01, heat: 0.06, sun: 0.008, noise: 0.004, decimals: 1 },
      oil_temp_c: { load: 0.02, heat: 0.08, noise: 0.004, decimals: 1 },
      oil_pressure_bar: { load: 0.1, heat: -0.06, noise: 0.008, decimals: 2 },
      load_pct: { load: 0.95, noise: 0.006, decimals: 1, max: 100 },
      fuel_rate_l_h: { load: 0.9, noise: 0.005, decimals: 1 },
      soot_pct: { load: 0.25, heat: 0.05, noise: 0.025, decimals: 2 },
    },
    faults: [
      {
        code: 'COOL',
        warning: 'Coolant loss: coolant temperature high',
        alert: 'Coolant loss: overheating',
        effects: { coolant_temp_c: [1.22, 0], oil_temp_c: [1.14, 0] },
      },
      {
        code: 'OILP',
        warning: 'Oil pump wear: oil pressure low',
        alert: 'Oil pump wear: oil pressure below shutdown level',
        effects: { oil_pressure_bar: [0.4, 0], oil_temp_c: [1.12, 0] },
      },
      {
        code: 'INJ',
        warning: 'Injector fouling: soot and fuel rate rising',
        alert: 'Injector fouling: soot above limit',
        effects: { soot_pct: [3.6, 0], fuel_rate_l_h: [1.1, 0], load_pct: [0.93, 0] },
      },
    ],
  },
  electrical_rotor: {
    metrics: {
      stator_temp_c: { load: 0.02, heat: 0.14, sun: 0.006, noise: 0.003, decimals: 1 },
      bearing_temp_c: { load: 0.01, heat: 0.08, sun: 0.006, noise: 0.003, decimals: 1 },
      current_a: { load: 0.9, noise: 0.005, decimals: 1 },
      voltage_v: { load: -0.015, noise: 0.002, decimals: 1 },
      power_factor: { load: 0.03, noise: 0.003, decimals: 3, max: 0.99 },
      vibration_mm_s: { load: 0.06, heat: 0.03, noise: 0.03, decimals: 2 },
    },
    faults: [
      {
        code: 'BRG',
        warning: 'Bearing wear: vibration and bearing temperature rising',
        alert: 'Bearing wear: vibration above trip level',
        effects: { vibration_mm_s: [3.2, 0.6], bearing_temp_c: [1.42, 0] },
      },
      {
        code: 'INSUL',
        warning: 'Winding insulation ageing: stator temperature high',
        alert: 'Winding insulation failing: stator above class limit',
        effects: { stator_temp_c: [1.48, 0], current_a: [1.15, 0], power_factor: [0.9, 0] },
      },
    ],
  },
  ogd: {
    metrics: {
      wellhead_pressure_bar: { load: -0.08, noise: 0.003, decimals: 1 },
      wellhead_temp_c: { load: 0.02, heat: 0.08, sun: 0.02, noise: 0.003, decimals: 1 },
      flow_rate_m3_h: { load: 0.6, noise: 0.008, decimals: 1 },
      methane_leak_ppm: { load: 0.1, sun: 0.05, noise: 0.05, decimals: 2 },
      battery_soc_pct: { sun: 0.06, noise: 0.003, decimals: 1, max: 100 },
      rssi_dbm: { sun: 0.01, noise: 0.02, decimals: 0 },
    },
    faults: [
      {
        code: 'CH4',
        warning: 'Methane above background: inspect seals',
        alert: 'Methane leak: wellhead pressure falling',
        effects: { methane_leak_ppm: [5, 12], wellhead_pressure_bar: [0.93, 0] },
      },
      {
        code: 'BATT',
        warning: 'Battery not charging',
        alert: 'Battery nearly empty: device about to fall silent',
        effects: { battery_soc_pct: [0.08, 0], rssi_dbm: [1.25, 0] },
      },
      {
        code: 'CHOKE',
        warning: 'Choke restricted: flow low, pressure high',
        alert: 'Choke blocked: flow collapsing',
        effects: { flow_rate_m3_h: [0.35, 0], wellhead_pressure_bar: [1.22, 0], wellhead_temp_c: [0.88, 0] },
      },
    ],
  },
};

/** One profile per device type, in the order of DEVICE_TYPES; metrics in the order of their type. */
export const PROFILES: readonly TypeProfile[] = DEVICE_TYPES.map(({ type, metrics, nominal }) => {
  const line = LINES[type];
  return {
    metrics: metrics.map((name, index) => {
      const metric = line.metrics[name];
      if (metric === undefined) throw new Error(`${type} has no profile for ${name}`);
      return {
        nominal: nominal[index] ?? 0,
        load: 0,
        heat: 0,
        sun: 0,
        max: Number.POSITIVE_INFINITY,
        ...metric,
      };
    }),
    faults: line.faults.map(({ effects, ...fault }) => ({
      ...fault,
      effects: Object.entries(effects).map(([name, [factor, add]]) => {
        const metric = metrics.indexOf(name);
        if (metric < 0) throw new Error(`fault ${fault.code} of ${type} names the unknown metric ${name}`);
        return { metric, factor, add };
      }),
    })),
  };
});
