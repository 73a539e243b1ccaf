/**
 * One message in, one row of a batch or one reject with its reason out. Synchronous and without I/O; the
 * hot path of ingest.
 */
import { hash as digest } from 'node:crypto';
import { DEVICE_STATES, OGD_ALIAS } from '../lib/fleet.ts';
import { MAX_METRICS } from '../lib/live-record.ts';
import type { Batch, Context } from './batch.ts';
import type { DeviceEntry, DeviceRegistry, TypeEntry } from './registry.ts';
import { parseTimestamp } from './timestamp.ts';

const EXTRA_MAX_METRICS = 32;
const TEXT_MAX_CHARS = 256;
const TAGS_MAX = 16;

export type Complaint = { readonly reason: string; readonly field: string | null };

export type ReadingRules = {
  readonly futureMaxMs: number;
  readonly retentionMs: number;
  readonly partitionMs: number;
};

type Message = Record<string, unknown>;
type Tags = Record<string, string>;

type ContextParts = {
  firmware: string | undefined;
  code: string | undefined;
  message: string | undefined;
  lat: number | undefined;
  lon: number | undefined;
  tags: Tags | undefined;
};
type KnownContext = ContextParts & {
  readonly hash: bigint;
  readonly low: number;
  readonly high: number;
  stored: boolean;
};

const complain = (reason: string, field: string | null = null): Complaint => ({ reason, field });
const isObject = (value: unknown): value is Message =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export class ReadingParser {
  readonly #registry: DeviceRegistry;
  readonly #rules: ReadingRules;
  /** Newest timestamp seen of each device, by device number. */
  #newestMs = new Float64Array(0);
  /** The last context of each device; most readings repeat it. */
  readonly #contexts = new Map<number, KnownContext>();

  constructor(registry: DeviceRegistry, rules: ReadingRules) {
    this.#registry = registry;
    this.#rules = rules;
  }

  /** Adds the reading to the batch, or returns what is wrong with it. */
  add(batch: Batch, topic: string, payload: string, receivedMs: number): Complaint | null {
    let message: unknown;
    try {
      message = JSON.parse(payload);
    } catch {
      return complain('malformed_json');
    }
    if (!isObject(message)) return complain('not_an_object');
    const device = this.#deviceOf(message, topic);
    if ('reason' in device) return device;
    const tsMs = this.#timestampOf(message, receivedMs);
    if (typeof tsMs !== 'number') return tsMs;
    const state = stateOf(message.status);
    if (state < 0) return complain(state === -1 ? 'wrong_type' : 'unknown_state', 'status.state');
    const { metrics } = message;
    if (!isObject(metrics)) return complain('wrong_type', 'metrics');

    const row = batch.rows;
    const wrong =
      addMetrics(batch, row, device.type, metrics) ?? this.#addContext(batch, row, device.no, message);
    if (wrong !== null) {
      batch.extra.delete(row);
      return wrong;
    }
    batch.deviceNo[row] = device.no;
    batch.tsMs[row] = tsMs;
    batch.receivedMs[row] = receivedMs;
    batch.state[row] = state;
    batch.partitions.add(Math.floor(tsMs / this.#rules.partitionMs));
    this.#markSuspect(batch, row, device.no, tsMs);
    batch.rows = row + 1;
    return null;
  }

  /** The registered device that the message is from, if message and topic agree on it. */
  #deviceOf(message: Message, topic: string): DeviceEntry | Complaint {
    const { device_id: deviceId } = message;
    if (typeof deviceId !== 'string') return complain('wrong_type', 'device_id');
    const device = this.#registry.find(deviceId);
    if (device === undefined) return complain('unknown_device', 'device_id');
    const wrongTopic = topic === device.topic ? null : checkTopic(device, deviceId, topic);
    return wrongTopic ?? checkIdentity(device, message) ?? device;
  }

  #timestampOf(message: Message, receivedMs: number): number | Complaint {
    const { timestamp_utc: timestamp } = message;
    if (typeof timestamp !== 'string') return complain('wrong_type', 'timestamp_utc');
    const tsMs = parseTimestamp(timestamp);
    if (Number.isNaN(tsMs)) return complain('bad_timestamp', 'timestamp_utc');
    if (tsMs > receivedMs + this.#rules.futureMaxMs) return complain('timestamp_in_future', 'timestamp_utc');
    if (tsMs < receivedMs - this.#rules.retentionMs) return complain('timestamp_too_old', 'timestamp_utc');
    return tsMs;
  }

  /** The contexts of a committed batch need not be sent again. */
  contextsStored(batch: Batch): void {
    if (batch.contexts.size === 0) return;
    for (let row = 0; row < batch.rows; row++) {
      const known = this.#contexts.get(batch.deviceNo[row] ?? 0);
      if (known !== undefined && batch.contexts.has(known.hash)) known.stored = true;
    }
  }

  /** Contexts are touched again now and then, so that those in use outlive retention. */
  forgetStoredContexts(): void {
    for (const known of this.#contexts.values()) known.stored = false;
  }

  #markSuspect(batch: Batch, row: number, deviceNo: number, tsMs: number): void {
    if (deviceNo >= this.#newestMs.length) {
      const grown = new Float64Array(Math.max(this.#registry.highestNo, deviceNo) + 1);
      grown.set(this.#newestMs);
      this.#newestMs = grown;
    }
    const suspect = tsMs <= (this.#newestMs[deviceNo] ?? 0);
    batch.suspect[row] = Number(suspect);
    if (suspect) batch.suspects++;
    else this.#newestMs[deviceNo] = tsMs;
  }

  #addContext(batch: Batch, row: number, deviceNo: number, message: Message): Complaint | null {
    let known = this.#contexts.get(deviceNo);
    if (known === undefined || !repeats(known, message)) {
      const parts = contextParts(message);
      if ('reason' in parts) return parts;
      const { hash } = encodeContext(parts);
      const [low, high] = [Number(BigInt.asIntN(32, hash)), Number(BigInt.asIntN(32, hash >> 32n))];
      known = { ...parts, hash, low, high, stored: false };
      this.#contexts.set(deviceNo, known);
    }
    if (!known.stored && !batch.contexts.has(known.hash))
      batch.contexts.set(known.hash, encodeContext(known));
    batch.contextWords[2 * row] = known.low;
    batch.contextWords[2 * row + 1] = known.high;
    return null;
  }
}

/** The alias of an oil and gas device may stand in its topic; anything else is somebody else's topic. */
function checkTopic(device: DeviceEntry, deviceId: string, topic: string): Complaint | null {
  const [root, field, site, type, id, ...rest] = topic.split('/');
  const typeOk = type === device.type.name || (device.type.name === 'ogd' && type === OGD_ALIAS.type);
  const ok = root === 'og' && field === 'field' && site === device.siteId && typeOk && rest.length === 0;
  return ok && (id === device.id || id === deviceId) ? null : complain('wrong_topic', 'topic');
}

function checkIdentity(device: DeviceEntry, message: Message): Complaint | null {
  const { site_id: site, device_type: type } = message;
  if (site !== device.siteId)
    return complain(typeof site === 'string' ? 'wrong_site' : 'wrong_type', 'site_id');
  const typeOk = type === device.type.name || (device.type.name === 'ogd' && type === OGD_ALIAS.type);
  return typeOk
    ? null
    : complain(typeof type === 'string' ? 'wrong_device_type' : 'wrong_type', 'device_type');
}

/** Index into DEVICE_STATES; -1 when the status has not the right form, -2 for an unknown state. */
function stateOf(status: unknown): number {
  if (!isObject(status) || typeof status.state !== 'string') return -1;
  switch (status.state) {
    case 'OK':
      return 0;
    case 'WARN':
      return 1;
    default:
      return status.state === DEVICE_STATES[2] ? 2 : -2;
  }
}

function addMetrics(batch: Batch, row: number, type: TypeEntry, metrics: Message): Complaint | null {
  const count = type.metrics.length;
  const first = row * MAX_METRICS;
  batch.metrics.fill(Number.NaN, first, first + count);
  batch.metricCount[row] = count;
  let found = 0;
  let extra: Record<string, number> | null = null;
  for (const name in metrics) {
    const value = metrics[name];
    if (typeof value !== 'number' || !Number.isFinite(value))
      return complain('not_a_number', `metrics.${name}`);
    const index = type.index.get(name);
    found++;
    if (index === undefined) {
      extra ??= emptyRecord();
      extra[name] = value;
      continue;
    }
    if (value < (type.min[index] ?? 0) || value > (type.max[index] ?? 0)) {
      return complain('impossible_value', `metrics.${name}`);
    }
    batch.metrics[first + index] = value;
  }
  if (found === 0) return complain('no_metrics', 'metrics');
  return extra === null ? null : addExtra(batch, row, extra);
}

function addExtra(batch: Batch, row: number, extra: Record<string, number>): Complaint | null {
  const names = Object.keys(extra);
  if (names.length > EXTRA_MAX_METRICS) return complain('too_many_metrics', 'metrics');
  if (!names.every(isStorable)) return complain('bad_text', 'metrics');
  batch.extra.set(row, JSON.stringify(extra));
  return null;
}

function contextParts(message: Message): ContextParts | Complaint {
  const { firmware, location, tags } = message;
  const status = isObject(message.status) ? message.status : {};
  if (!isText(firmware)) return complain('wrong_type', 'firmware');
  if (!isText(status.code)) return complain('wrong_type', 'status.code');
  if (!isText(status.message)) return complain('wrong_type', 'status.message');
  let lat: number | undefined;
  let lon: number | undefined;
  if (location !== undefined) {
    if (!isObject(location) || !isBetween(location.lat, 90) || !isBetween(location.lon, 180)) {
      return complain('wrong_type', 'location');
    }
    ({ lat, lon } = location);
  }
  if (tags !== undefined && !isTags(tags)) return complain('wrong_type', 'tags');
  return { firmware, code: status.code, message: status.message, lat, lon, tags };
}

const isBetween = (value: unknown, limit: number): value is number =>
  typeof value === 'number' && value >= -limit && value <= limit;

/** PostgreSQL's jsonb holds neither U+0000 nor half of a surrogate pair. */
const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed();

const isText = (value: unknown): value is string | undefined =>
  value === undefined || (typeof value === 'string' && value.length <= TEXT_MAX_CHARS && isStorable(value));

/** Without a prototype, so that a metric may be called __proto__. */
const emptyRecord = (): Record<string, number> => Object.create(null);

function isTags(value: unknown): value is Tags {
  if (!isObject(value)) return false;
  let count = 0;
  for (const name in value) {
    if (typeof value[name] !== 'string' || !isText(value[name]) || !isText(name) || ++count > TAGS_MAX)
      return false;
  }
  return true;
}

/** Whether the message says word for word what was checked and stored before. */
function repeats(known: ContextParts, message: Message): boolean {
  const { status, location, tags } = message;
  if (message.firmware !== known.firmware || !isObject(status)) return false;
  if (status.code !== known.code || status.message !== known.message) return false;
  if (
    isObject(location) ? location.lat !== known.lat || location.lon !== known.lon : location !== known.lat
  ) {
    return false;
  }
  return tags === undefined || isObject(tags) ? sameTags(known.tags, tags) : false;
}

function sameTags(a: Tags | undefined, b: Message | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  let balance = 0;
  for (const name in a) {
    if (a[name] !== b[name]) return false;
    balance++;
  }
  for (const _ in b) balance--;
  return balance === 0;
}

/** Canonical text (keys in a fixed order, tags sorted) and the first 64 bits of its SHA-1. */
function encodeContext({ firmware, code, message, lat, lon, tags }: ContextParts): Context {
  const sorted = tags === undefined ? undefined : Object.fromEntries(Object.entries(tags).sort());
  const location = lat === undefined ? undefined : { lat, lon };
  const body = JSON.stringify({ firmware, code, message, location, tags: sorted });
  return { hash: digest('sha1', body, 'buffer').readBigInt64BE(0), body };
}
