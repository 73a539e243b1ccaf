/** A small fleet and its readings, for the tests of ingest. */
import { DEVICE_TYPES } from '../lib/fleet.ts';
import type { Publisher } from './batch.ts';
import { ReadingParser, type ReadingRules } from './reading.ts';
import { DeviceRegistry } from './registry.ts';

const DAY_MS = 86_400_000;
export const NOW_MS = Date.UTC(2026, 10, 16, 12, 30, 45);
export const RULES: ReadingRules = { futureMaxMs: 300_000, retentionMs: 30 * DAY_MS, partitionMs: 3_600_000 };
export const TURBINE_TOPIC = 'og/field/WY-ALPHA/turbine/TURB-00001';
export const OGD_TOPIC = 'og/field/TX-EAGLE/ogd/OGD-00001';

/** Turbines 1 to 5 at WY-ALPHA and the oil and gas device 75001 at TX-EAGLE. */
function sampleRegistry(): DeviceRegistry {
  const registry = new DeviceRegistry();
  for (const { type, metrics } of DEVICE_TYPES) registry.addType(type, metrics);
  for (let no = 1; no <= 5; no++) registry.addDevice(no, `TURB-0000${no}`, 'turbine', 'WY-ALPHA');
  registry.addDevice(75_001, 'OGD-00001', 'ogd', 'TX-EAGLE');
  return registry;
}

/** For readings whose arrival the wall clock times. */
const ANY_TIME: ReadingRules = {
  ...RULES,
  futureMaxMs: Number.POSITIVE_INFINITY,
  retentionMs: Number.POSITIVE_INFINITY,
};

export const sampleParser = (): ReadingParser => new ReadingParser(sampleRegistry(), RULES);
export const timelessParser = (): ReadingParser => new ReadingParser(sampleRegistry(), ANY_TIME);

export type SampleReading = Record<string, unknown>;

/** A reading of TURB-00001 as it comes from the field, with other values where given. */
export function sampleReading(changes: SampleReading = {}): SampleReading {
  return {
    device_id: 'TURB-00001',
    device_type: 'turbine',
    site_id: 'WY-ALPHA',
    timestamp_utc: '2026-11-16T12:30:45Z',
    firmware: '3.2.1',
    metrics: { rpm: 3487, inlet_temp_c: 412.6, power_kw: 12850.4 },
    status: { state: 'OK', code: 'TURB-OK', message: 'Nominal' },
    location: { lat: 43.4231, lon: -106.3148 },
    tags: { vendor: 'HanTech', loop: 'A1' },
    ...changes,
  };
}

/** A reading of turbine `no`, `seconds` after NOW_MS. */
export function turbineReading(no: number, seconds: number, changes: SampleReading = {}): SampleReading {
  const timestamp = new Date(NOW_MS + seconds * 1_000).toISOString();
  return sampleReading({ device_id: `TURB-0000${no}`, timestamp_utc: timestamp, ...changes });
}

export const turbineTopic = (no: number): string => `og/field/WY-ALPHA/turbine/TURB-0000${no}`;

/** Remembers what it was told to acknowledge, and in how many writes. */
export class RecordingPublisher implements Publisher {
  readonly acknowledged: number[] = [];
  flushes = 0;

  acknowledge(packetId: number): void {
    this.acknowledged.push(packetId);
  }

  flushAcknowledgements(): void {
    this.flushes++;
  }
}
