/** The registered devices as ingest needs them: by id, with everything a reading is checked against. */
import { type DeviceType, deviceTopic, OGD_ALIAS } from '../lib/fleet.ts';
import type { LeaderPool } from '../lib/leader-pool.ts';
import { metricRange } from './limits.ts';

export type TypeEntry = {
  readonly name: string;
  readonly metrics: readonly string[];
  readonly index: ReadonlyMap<string, number>;
  readonly min: Float64Array;
  readonly max: Float64Array;
};

export type DeviceEntry = {
  readonly no: number;
  readonly id: string;
  readonly siteId: string;
  readonly type: TypeEntry;
  readonly topic: string;
};

type DeviceRow = { device_no: number; device_id: string; device_type: DeviceType; site_id: string };

export class DeviceRegistry {
  readonly #types = new Map<string, TypeEntry>();
  readonly #devices = new Map<string, DeviceEntry>();
  #highestNo = 0;

  get size(): number {
    return this.#devices.size;
  }

  get highestNo(): number {
    return this.#highestNo;
  }

  /** Also finds an oil and gas device by the prefix of its alias, OGC-. */
  find(deviceId: string): DeviceEntry | undefined {
    const found = this.#devices.get(deviceId);
    if (found !== undefined || !deviceId.startsWith(OGD_ALIAS.prefix)) return found;
    return this.#devices.get(`OGD-${deviceId.slice(OGD_ALIAS.prefix.length)}`);
  }

  addType(name: string, metrics: readonly string[]): void {
    const ranges = metrics.map(metricRange);
    this.#types.set(name, {
      name,
      metrics,
      index: new Map(metrics.map((metric, i) => [metric, i])),
      min: Float64Array.from(ranges, (range) => range.min),
      max: Float64Array.from(ranges, (range) => range.max),
    });
  }

  /** Throws when the device's type is not known. */
  addDevice(no: number, id: string, typeName: string, siteId: string): void {
    const type = this.#types.get(typeName);
    if (type === undefined) throw new Error(`device ${id} is of unknown type ${typeName}`);
    this.#devices.set(id, { no, id, siteId, type, topic: deviceTopic(siteId, typeName, id) });
    this.#highestNo = Math.max(this.#highestNo, no);
  }

  /** Reads what was registered since the last call. */
  async load(pool: LeaderPool): Promise<void> {
    const types = await pool.query<{ device_type: string; metrics: string[] }>(
      'SELECT device_type, metrics FROM device_type',
    );
    for (const { device_type, metrics } of types.rows.filter((row) => !this.#types.has(row.device_type))) {
      this.addType(device_type, metrics);
    }
    const devices = await pool.query<DeviceRow>(
      'SELECT device_no, device_id, device_type, site_id FROM device WHERE device_no > $1',
      [this.#highestNo],
    );
    for (const row of devices.rows)
      this.addDevice(row.device_no, row.device_id, row.device_type, row.site_id);
  }
}
