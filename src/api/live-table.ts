/**
 * The latest reading of every registered device, in memory, in columns.
 *
 * A row is a device; rows are never removed. `order` lists the rows by device_id, so that a page of a list is
 * one pass over typed arrays. Effects (Redis, PostgreSQL) live in live-feed.ts and live-rebuild.ts.
 */
import {
  copyLiveRecord,
  type LiveColumns,
  MAX_METRICS,
  peekLiveRecord,
  setContextAt,
} from '../lib/live-record.ts';
import type { DeviceTypeName } from './schemas.ts';

export type SiteInfo = {
  readonly site_id: string;
  readonly place: string;
  readonly lat: number;
  readonly lon: number;
  readonly area: string;
};

export type TypeInfo = { readonly type: DeviceTypeName; readonly metrics: readonly string[] };

export type RegisteredDevice = {
  readonly deviceNo: number;
  readonly deviceId: string;
  readonly deviceType: string;
  readonly siteId: string;
  /** null: the fleet's interval applies. */
  readonly expectedIntervalS: number | null;
};

/** A reading as PostgreSQL gives it. */
export type StoredReading = {
  readonly deviceNo: number;
  readonly tsMs: number;
  readonly receivedMs: number;
  readonly context: bigint;
  readonly state: number;
  readonly metrics: readonly number[];
};

/** Codes of LiveState; the first three are those of a reading. */
export const STALE = 3;
export const UNKNOWN = 4;
export const LIVE_STATES = ['OK', 'WARN', 'ALERT', 'STALE', 'UNKNOWN'] as const;

/** Expected intervals of silence after which a device is stale. */
const STALE_INTERVALS = 3;

type Columns = LiveColumns & {
  /** Arrival of any reading, also of one that came late and is not the latest. 0: never heard. */
  readonly heardMs: Float64Array;
  readonly intervalMs: Float64Array;
  readonly site: Uint16Array;
  readonly type: Uint8Array;
  /** Grows with every change of the row, so that a stream sends only what changed. */
  readonly version: Uint32Array;
};

function allocate(rows: number): Columns {
  return {
    tsMs: new Float64Array(rows),
    receivedMs: new Float64Array(rows),
    contextWords: new Int32Array(2 * rows),
    state: new Uint8Array(rows),
    metrics: new Float64Array(rows * MAX_METRICS).fill(Number.NaN),
    heardMs: new Float64Array(rows),
    intervalMs: new Float64Array(rows),
    site: new Uint16Array(rows),
    type: new Uint8Array(rows),
    version: new Uint32Array(rows),
  };
}

function grown(columns: Columns, rows: number): Columns {
  const larger = allocate(rows);
  larger.tsMs.set(columns.tsMs);
  larger.receivedMs.set(columns.receivedMs);
  larger.contextWords.set(columns.contextWords);
  larger.state.set(columns.state);
  larger.metrics.set(columns.metrics);
  larger.heardMs.set(columns.heardMs);
  larger.intervalMs.set(columns.intervalMs);
  larger.site.set(columns.site);
  larger.type.set(columns.type);
  larger.version.set(columns.version);
  return larger;
}

export class LiveTable {
  readonly #defaultIntervalMs: number;
  readonly #rowOfNo = new Map<number, number>();
  readonly #rowOfId = new Map<string, number>();
  readonly #ids: string[] = [];
  readonly #numbers: number[] = [];
  readonly #siteIndex = new Map<string, number>();
  readonly #typeIndex = new Map<string, number>();
  readonly #sites: SiteInfo[] = [];
  readonly #types: TypeInfo[] = [];
  #columns = allocate(1024);
  #order = new Uint32Array(0);
  #reported = 0;
  #observingSinceMs: number;

  /** `startedMs`: Unix ms; silence before it does not count until the ingests say since when they listen. */
  constructor(options: { readonly expectedIntervalS: number; readonly startedMs: number }) {
    this.#defaultIntervalMs = options.expectedIntervalS * 1000;
    this.#observingSinceMs = options.startedMs;
  }

  get size(): number {
    return this.#ids.length;
  }
  /** Devices that have a reading. */
  get reported(): number {
    return this.#reported;
  }
  get columns(): Columns {
    return this.#columns;
  }
  get sites(): readonly SiteInfo[] {
    return this.#sites;
  }
  get types(): readonly TypeInfo[] {
    return this.#types;
  }
  /** Rows ordered by device_id. */
  get order(): Uint32Array {
    return this.#order;
  }
  get observingSinceMs(): number {
    return this.#observingSinceMs;
  }

  /** Unix ms since when readings could arrive without a break: silence counts only from then. */
  observeSince(sinceMs: number): void {
    this.#observingSinceMs = sinceMs;
  }

  rowOfId(deviceId: string): number | undefined {
    return this.#rowOfId.get(deviceId);
  }
  rowOfNo(deviceNo: number): number | undefined {
    return this.#rowOfNo.get(deviceNo);
  }
  idOf(row: number): string {
    return this.#ids[row] ?? '';
  }
  numberOf(row: number): number {
    return this.#numbers[row] ?? 0;
  }
  siteIndexOf(siteId: string): number | undefined {
    return this.#siteIndex.get(siteId);
  }
  typeIndexOf(type: string): number | undefined {
    return this.#typeIndex.get(type);
  }

  allNumbers(): readonly number[] {
    return this.#numbers;
  }
  /** Device numbers without a reading, ascending. */
  unreported(): number[] {
    return this.#numbers.filter((_, row) => this.#columns.heardMs[row] === 0).sort((a, b) => a - b);
  }

  defineSites(sites: readonly SiteInfo[]): void {
    for (const site of sites) {
      const known = this.#siteIndex.get(site.site_id);
      if (known === undefined) this.#siteIndex.set(site.site_id, this.#sites.push(site) - 1);
      else this.#sites[known] = site;
    }
  }

  defineTypes(types: readonly TypeInfo[]): void {
    for (const type of types) {
      const known = this.#typeIndex.get(type.type);
      if (known === undefined) this.#typeIndex.set(type.type, this.#types.push(type) - 1);
      else this.#types[known] = type;
    }
  }

  /** Adds devices and updates known ones; returns how many are new. Their sites and types must be defined. */
  register(devices: readonly RegisteredDevice[]): number {
    const before = this.size;
    for (const device of devices) {
      const row = this.#rowOfNo.get(device.deviceNo) ?? this.#newRow(device);
      const site = this.#siteIndex.get(device.siteId);
      const type = this.#typeIndex.get(device.deviceType);
      if (site === undefined || type === undefined) {
        throw new Error(`device ${device.deviceId} has an undefined site or type`);
      }
      this.#columns.site[row] = site;
      this.#columns.type[row] = type;
      this.#columns.intervalMs[row] =
        device.expectedIntervalS === null ? this.#defaultIntervalMs : device.expectedIntervalS * 1000;
    }
    if (this.size > before) this.#reorder();
    return this.size - before;
  }

  /**
   * Takes the encoded record at `offset`; of two readings of a device the one with the later event time
   * stays. Returns the offset behind the record. A device that is not registered is skipped.
   */
  applyEncoded(deviceNo: number, source: DataView, offset: number): number {
    const { tsMs, receivedMs, next } = peekLiveRecord(source, offset);
    const row = this.#rowOfNo.get(deviceNo);
    if (row !== undefined && this.#accept(row, tsMs, receivedMs)) {
      copyLiveRecord(source, offset, this.#columns, row);
    }
    return next;
  }

  applyStored(reading: StoredReading): void {
    const row = this.#rowOfNo.get(reading.deviceNo);
    if (row === undefined || !this.#accept(row, reading.tsMs, reading.receivedMs)) return;
    const columns = this.#columns;
    columns.tsMs[row] = reading.tsMs;
    columns.receivedMs[row] = reading.receivedMs;
    setContextAt(columns, row, reading.context);
    columns.state[row] = reading.state;
    const base = row * MAX_METRICS;
    for (let i = 0; i < MAX_METRICS; i++) columns.metrics[base + i] = reading.metrics[i] ?? Number.NaN;
  }

  /** The state's code at `nowMs` (Unix ms): as reported, STALE or UNKNOWN. */
  stateAt(row: number, nowMs: number): number {
    const columns = this.#columns;
    const heardMs = columns.heardMs[row] ?? 0;
    if (heardMs === 0) return UNKNOWN;
    const silentSinceMs = Math.max(heardMs, this.#observingSinceMs);
    const allowedMs = STALE_INTERVALS * (columns.intervalMs[row] ?? this.#defaultIntervalMs);
    return nowMs - silentSinceMs > allowedMs ? STALE : (columns.state[row] ?? UNKNOWN);
  }

  /** Notes the arrival; true when the reading is later than the one the row holds. */
  #accept(row: number, tsMs: number, receivedMs: number): boolean {
    const columns = this.#columns;
    const heardMs = columns.heardMs[row] ?? 0;
    const later = heardMs === 0 || tsMs > (columns.tsMs[row] ?? 0);
    if (receivedMs > heardMs) columns.heardMs[row] = receivedMs;
    if (heardMs === 0) this.#reported += 1;
    if (later || receivedMs > heardMs) columns.version[row] = (columns.version[row] ?? 0) + 1;
    return later;
  }

  #newRow(device: RegisteredDevice): number {
    const row = this.#ids.push(device.deviceId) - 1;
    this.#numbers.push(device.deviceNo);
    this.#rowOfNo.set(device.deviceNo, row);
    this.#rowOfId.set(device.deviceId, row);
    if (row >= this.#columns.tsMs.length) this.#columns = grown(this.#columns, row * 2);
    return row;
  }

  #reorder(): void {
    const ids = this.#ids;
    const rows = ids.map((_, row) => row);
    rows.sort((a, b) => {
      const [left = '', right = ''] = [ids[a], ids[b]];
      return left < right ? -1 : left > right ? 1 : 0;
    });
    this.#order = Uint32Array.from(rows);
  }
}
