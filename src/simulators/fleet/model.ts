/**
 * The physics of the simulated fleet, without I/O: every device is stepped when it is visited, over whatever
 * time has passed since. Load follows a daily cycle and a mean-reverting wander, temperatures follow load with
 * a lag, faults grow, peak and are repaired, devices fall silent and return.
 *
 * Mean reversion is the exact discretisation of the Ornstein-Uhlenbeck process (Gillespie, Phys. Rev. E 54,
 * 2084, 1996), so that the rate of visits does not change the behaviour.
 */
import { DEVICE_TYPES, type DeviceState, FLEET_SIZE, fleetDevice, SITES } from '../../lib/fleet.ts';
import type { Random } from '../../lib/random.ts';
import type { ReadingStatus } from './payload.ts';
import { type Fault, type MetricProfile, PROFILES } from './profiles.ts';

const MINUTE_S = 60;
const DAY_S = 86_400;

const LOAD_TAU_S = 40 * MINUTE_S;
const LOAD_SIGMA = 0.06;
const DAILY_LOAD = 0.09;
/** Local solar hour of the highest load. */
const PEAK_HOUR = 15;
const HEAT_TAU_S = 12 * MINUTE_S;

/** Fractions of the fleet at any moment, and how long it lasts: together they give the rates. */
const FAULTY_FRACTION = 0.006;
const FAULT_MIN_S = 20 * MINUTE_S;
const FAULT_MAX_S = 80 * MINUTE_S;
const MEAN_BETWEEN_FAULTS_S = (FAULT_MIN_S + FAULT_MAX_S) / 2 / FAULTY_FRACTION;
const SILENT_FRACTION = 0.003;
const SILENT_MIN_S = 5 * MINUTE_S;
const SILENT_MEAN_EXTRA_S = 20 * MINUTE_S;
const MEAN_BETWEEN_SILENCES_S = (SILENT_MIN_S + SILENT_MEAN_EXTRA_S) / SILENT_FRACTION;
/** Registered but not yet installed: they stay UNKNOWN. */
const NEVER_FRACTION = 0.0015;

/** A fault grows over the first part of its life, stays, and recedes over the last. */
const GROWN_AT = 0.6;
const REPAIRED_FROM = 0.85;
const WARN_SEVERITY = 0.35;
const ALERT_SEVERITY = 0.75;

const MAX_METRICS = Math.max(...DEVICE_TYPES.map(({ metrics }) => metrics.length));
const UTC_OFFSETS_S = SITES.map(({ lon }) => (lon / 360) * DAY_S);

export type Reading = {
  readonly deviceNo: number;
  readonly timestampMs: number;
  /** In the order of the type's metrics. Overwritten by the next visit. */
  readonly values: Float64Array;
  readonly status: ReadingStatus;
};

export class FleetModel {
  readonly #random: Random;
  /** All by device_no - 1. Times are Unix ms; a fault of kind 0 is none, else 1 + its index in the type. */
  readonly #visitedMs: Float64Array;
  readonly #load = new Float32Array(FLEET_SIZE);
  readonly #heat = new Float32Array(FLEET_SIZE);
  readonly #faultKind = new Uint8Array(FLEET_SIZE);
  readonly #faultStartMs = new Float64Array(FLEET_SIZE);
  readonly #faultMs = new Float32Array(FLEET_SIZE);
  readonly #faultPeak = new Float32Array(FLEET_SIZE);
  readonly #silentUntilMs = new Float64Array(FLEET_SIZE);
  readonly #typeOf = new Uint8Array(FLEET_SIZE);
  readonly #siteOf = new Uint8Array(FLEET_SIZE);
  readonly #values = DEVICE_TYPES.map(({ metrics }) => new Float64Array(metrics.length));

  /** The fleet as it would be found at a random moment: some faults half grown, some devices silent. */
  constructor(random: Random, nowMs: number) {
    this.#random = random;
    this.#visitedMs = new Float64Array(FLEET_SIZE).fill(nowMs);
    for (let index = 0; index < FLEET_SIZE; index++) {
      const { typeIndex, siteIndex } = fleetDevice(index + 1);
      this.#typeOf[index] = typeIndex;
      this.#siteOf[index] = siteIndex;
      this.#load[index] = LOAD_SIGMA * random.normal();
      this.#heat[index] = this.#loadOf(index, nowMs);
      if (random.float() < FAULTY_FRACTION) {
        this.#beginFault(index, nowMs);
        this.#faultStartMs[index] = nowMs - random.float() * (this.#faultMs[index] ?? 0);
      }
      if (random.float() < NEVER_FRACTION) this.#silentUntilMs[index] = Number.POSITIVE_INFINITY;
      else if (random.float() < SILENT_FRACTION) {
        this.#silentUntilMs[index] = nowMs + random.exponential(SILENT_MEAN_EXTRA_S * 1000);
      }
    }
  }

  /** Steps a device (1 … FLEET_SIZE) to `nowMs` and reads it; null when it says nothing. */
  visit(deviceNo: number, nowMs: number): Reading | null {
    const index = deviceNo - 1;
    if ((this.#silentUntilMs[index] ?? 0) > nowMs) return null;
    const elapsedS = Math.max(0, nowMs - (this.#visitedMs[index] ?? nowMs)) / 1000;
    this.#visitedMs[index] = nowMs;
    this.#wander(index, nowMs, elapsedS);
    if (this.#happens(elapsedS, MEAN_BETWEEN_SILENCES_S)) {
      const seconds = SILENT_MIN_S + this.#random.exponential(SILENT_MEAN_EXTRA_S);
      this.#silentUntilMs[index] = nowMs + seconds * 1000;
      return null;
    }
    const severity = this.#severity(index, nowMs, elapsedS);
    const typeIndex = this.#typeOf[index] ?? 0;
    const values = this.#values[typeIndex] ?? new Float64Array();
    this.#measure(index, typeIndex, nowMs, severity, values);
    return {
      deviceNo,
      timestampMs: nowMs,
      values,
      status: statusOf(typeIndex, this.#faultKind[index] ?? 0, severity),
    };
  }

  #wander(index: number, nowMs: number, elapsedS: number): void {
    const kept = Math.exp(-elapsedS / LOAD_TAU_S);
    const push = LOAD_SIGMA * Math.sqrt(1 - kept * kept) * this.#random.normal();
    this.#load[index] = (this.#load[index] ?? 0) * kept + push;
    const heat = this.#heat[index] ?? 0;
    const target = this.#loadOf(index, nowMs);
    this.#heat[index] = heat + (target - heat) * (1 - Math.exp(-elapsedS / HEAT_TAU_S));
  }

  /** Relative deviation of the load from nominal. */
  #loadOf(index: number, nowMs: number): number {
    return (this.#load[index] ?? 0) + DAILY_LOAD * this.#dayCycle(index, nowMs);
  }

  /** 1 in the afternoon, -1 twelve hours later, by the site's solar time. */
  #dayCycle(index: number, nowMs: number): number {
    const localS = nowMs / 1000 + (UTC_OFFSETS_S[this.#siteOf[index] ?? 0] ?? 0);
    return Math.cos(((localS / DAY_S) % 1) * 2 * Math.PI - (PEAK_HOUR / 24) * 2 * Math.PI);
  }

  /** True with the probability that an event of this mean interval falls into the elapsed time. */
  #happens(elapsedS: number, meanIntervalS: number): boolean {
    return this.#random.float() < elapsedS / meanIntervalS;
  }

  #beginFault(index: number, nowMs: number): void {
    const faults = PROFILES[this.#typeOf[index] ?? 0]?.faults ?? [];
    this.#faultKind[index] = 1 + this.#random.int(faults.length);
    this.#faultStartMs[index] = nowMs;
    this.#faultMs[index] = this.#random.between(FAULT_MIN_S, FAULT_MAX_S) * 1000;
    this.#faultPeak[index] = Math.min(1, this.#random.between(0.4, 1.1));
  }

  /** Severity 0 … 1 of the device's fault now; begins and ends faults on the way. */
  #severity(index: number, nowMs: number, elapsedS: number): number {
    if (this.#faultKind[index] === 0) {
      if (this.#happens(elapsedS, MEAN_BETWEEN_FAULTS_S)) this.#beginFault(index, nowMs);
      return 0;
    }
    const progress = (nowMs - (this.#faultStartMs[index] ?? 0)) / (this.#faultMs[index] ?? 1);
    if (progress >= 1) {
      this.#faultKind[index] = 0;
      return 0;
    }
    return (this.#faultPeak[index] ?? 0) * shapeOf(Math.max(0, progress));
  }

  #measure(index: number, typeIndex: number, nowMs: number, severity: number, values: Float64Array): void {
    const profile = PROFILES[typeIndex];
    if (profile === undefined) throw new Error(`type ${typeIndex} has no profile`);
    const load = this.#loadOf(index, nowMs);
    const heat = this.#heat[index] ?? 0;
    const sun = this.#dayCycle(index, nowMs);
    for (let m = 0; m < profile.metrics.length; m++) {
      const metric = profile.metrics[m];
      if (metric === undefined) continue;
      const spread = 4 * metric.noise * unitHash(index * MAX_METRICS + m);
      const noise = metric.noise * this.#random.normal();
      const relative = 1 + metric.load * load + metric.heat * heat + metric.sun * sun + spread + noise;
      values[m] = metric.nominal * relative;
    }
    const fault = severity > 0 ? profile.faults[(this.#faultKind[index] ?? 0) - 1] : undefined;
    if (fault !== undefined) applyFault(fault, severity, values);
    roundAll(profile.metrics, values);
  }
}

function applyFault({ effects }: Fault, severity: number, values: Float64Array): void {
  for (const { metric, factor, add } of effects) {
    values[metric] = (values[metric] ?? 0) * (1 + (factor - 1) * severity) + add * severity;
  }
}

const POWERS = [1, 10, 100, 1000] as const;

/** As a device reports them: within the physical maximum, with the decimals of its sensor. */
function roundAll(metrics: readonly MetricProfile[], values: Float64Array): void {
  for (let m = 0; m < metrics.length; m++) {
    const metric = metrics[m];
    if (metric === undefined) continue;
    const power = POWERS[metric.decimals] ?? 1;
    values[m] = Math.round(Math.min(values[m] ?? 0, metric.max) * power) / power;
  }
}

/** 0 … 1 over the life of a fault. */
function shapeOf(progress: number): number {
  if (progress < GROWN_AT) return progress / GROWN_AT;
  return progress < REPAIRED_FROM ? 1 : (1 - progress) / (1 - REPAIRED_FROM);
}

type TypeStatuses = {
  readonly ok: ReadingStatus;
  readonly faults: readonly { readonly warn: ReadingStatus; readonly alert: ReadingStatus }[];
};

const STATUSES: readonly TypeStatuses[] = DEVICE_TYPES.map(({ prefix }, typeIndex) => {
  const status = (state: DeviceState, code: string, message: string): ReadingStatus => ({
    state,
    code: `${prefix}${code}`,
    message,
  });
  return {
    ok: status('OK', 'OK', 'Nominal'),
    faults: (PROFILES[typeIndex]?.faults ?? []).map((fault) => ({
      warn: status('WARN', `${fault.code}-W`, fault.warning),
      alert: status('ALERT', `${fault.code}-A`, fault.alert),
    })),
  };
});

function statusOf(typeIndex: number, faultKind: number, severity: number): ReadingStatus {
  const statuses = STATUSES[typeIndex];
  if (statuses === undefined) throw new Error(`type ${typeIndex} has no statuses`);
  const fault = severity < WARN_SEVERITY ? undefined : statuses.faults[faultKind - 1];
  if (fault === undefined) return statuses.ok;
  return severity < ALERT_SEVERITY ? fault.warn : fault.alert;
}

/** A fixed number in [-1, 1) for a key: what makes one device differ from the next (lowbias32, C. Wellons). */
function unitHash(key: number): number {
  let x = (key + 1) | 0;
  x = Math.imul(x ^ (x >>> 16), 0x21f0aaad);
  x = Math.imul(x ^ (x >>> 15), 0x735a2d97);
  x ^= x >>> 15;
  return (x >>> 0) / 2 ** 31 - 1;
}
