/** Keeps the latest committed reading of every device of this ingest in Redis, written a few times a second. */
import type { Redis } from 'ioredis';
import { pause, wallMs } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import {
  encodeLiveRecord,
  LIVE_FEED_CHANNEL,
  LIVE_OBSERVING_KEY,
  type LiveColumns,
  liveHashKey,
  liveRecordBytes,
  MAX_METRICS,
  viewOf,
} from '../lib/live-record.ts';
import type { Log } from '../lib/log.ts';
import type { Batch } from './batch.ts';

const FLUSH_MS = 250;
/** One command carries at most this many devices, so that it never blocks Redis for long. */
const CHUNK_DEVICES = 2_000;
/** With this many changes in one round the fleet is heard every few seconds: the hash may follow the feed later. */
const BUSY_DEVICES = 5_000;
const BUSY_HASH_ROUNDS = 8;
const CHECK_MS = 2_000;

/** Devices that changed and are not written yet, each once. */
class DirtySet {
  readonly #flags: Uint8Array;
  #list: number[] = [];

  constructor(size: number, before?: DirtySet) {
    this.#flags = new Uint8Array(size);
    for (const no of before?.take() ?? []) this.add(no);
  }

  get size(): number {
    return this.#list.length;
  }

  add(no: number): void {
    if (this.#flags[no] === 1) return;
    this.#flags[no] = 1;
    this.#list.push(no);
  }

  take(): number[] {
    const taken = this.#list;
    this.#list = [];
    for (const no of taken) this.#flags[no] = 0;
    return taken;
  }
}

export class LivePublisher {
  readonly #redis: Redis;
  readonly #region: string;
  readonly #log: Log;
  readonly #observingSinceMs = wallMs();
  #columns: LiveColumns = columnsOf(0);
  #count = new Uint8Array(0);
  /** Not announced on the feed yet, and not written to the hash yet. */
  #toFeed = new DirtySet(0);
  #toHash = new DirtySet(0);
  /** Devices heard by this process: all are written again after a flush of Redis. */
  #known = 0;
  #rounds = 0;

  constructor(redis: Redis, region: string, log: Log) {
    this.#redis = redis;
    this.#region = region;
    this.#log = log;
  }

  /** Takes the committed rows; a device keeps its newest reading. */
  update(batch: Batch): void {
    for (let row = 0; row < batch.rows; row++) {
      const no = batch.deviceNo[row] ?? 0;
      if (no >= this.#count.length) this.#grow(no);
      const tsMs = batch.tsMs[row] ?? 0;
      const columns = this.#columns;
      const before = columns.tsMs[no] ?? 0;
      if (tsMs <= before) continue;
      if (before === 0) this.#known++;
      const count = batch.metricCount[row] ?? 0;
      columns.tsMs[no] = tsMs;
      columns.receivedMs[no] = batch.receivedMs[row] ?? 0;
      columns.contextWords[2 * no] = batch.contextWords[2 * row] ?? 0;
      columns.contextWords[2 * no + 1] = batch.contextWords[2 * row + 1] ?? 0;
      columns.state[no] = batch.state[row] ?? 0;
      this.#count[no] = count;
      const from = row * MAX_METRICS;
      columns.metrics.set(batch.metrics.subarray(from, from + count), no * MAX_METRICS);
      this.#toFeed.add(no);
      this.#toHash.add(no);
    }
  }

  /** Writes what changed until the signal aborts. While Redis is away, changes collect: one per device. */
  async run(signal: AbortSignal): Promise<void> {
    let failing = false;
    let sinceCheckMs = CHECK_MS;
    while (await pause(FLUSH_MS, signal)) {
      if (this.#redis.status !== 'ready') continue;
      try {
        sinceCheckMs += FLUSH_MS;
        if (sinceCheckMs >= CHECK_MS) {
          sinceCheckMs = 0;
          await this.#refillIfFlushed();
        }
        await this.#flush();
        failing = false;
      } catch (error) {
        if (!failing) this.#log.warn({ failure: describeError(error) }, 'live state not written');
        failing = true;
      }
    }
  }

  async #refillIfFlushed(): Promise<void> {
    const isNew = await this.#redis.hset(LIVE_OBSERVING_KEY, this.#region, String(this.#observingSinceMs));
    const stored = await this.#redis.hlen(liveHashKey(this.#region));
    if (isNew === 0 && stored + this.#toHash.size >= this.#known) return;
    this.#markAll();
    if (this.#known > 0) this.#log.info({ devices: this.#known }, 'live state is written anew');
  }

  #markAll(): void {
    for (let no = 0; no < this.#count.length; no++) {
      if ((this.#columns.tsMs[no] ?? 0) === 0) continue;
      this.#toFeed.add(no);
      this.#toHash.add(no);
    }
  }

  /** What could not be written is marked again: Redis may have taken it, and writing it twice changes nothing. */
  async #flush(): Promise<void> {
    const busy = this.#toFeed.size >= BUSY_DEVICES;
    const hashNow = !busy || ++this.#rounds % BUSY_HASH_ROUNDS === 0;
    const feed = this.#toFeed.take();
    const hash = hashNow ? this.#toHash.take() : [];
    try {
      for (const chunk of chunks(feed))
        await this.#redis.publish(LIVE_FEED_CHANNEL, this.#encode(chunk).bytes);
      for (const chunk of chunks(hash)) {
        const { bytes, ends } = this.#encode(chunk);
        const fields = chunk.flatMap((no, i) => [
          String(no),
          bytes.subarray((ends[i - 1] ?? 0) + 4, ends[i]),
        ]);
        await this.#redis.hset(liveHashKey(this.#region), ...fields);
      }
    } catch (error) {
      for (const no of feed) this.#toFeed.add(no);
      for (const no of hash) this.#toHash.add(no);
      throw error;
    }
  }

  /** Each device as device_no (uint32) and its record; `ends` is the offset behind each. */
  #encode(chunk: readonly number[]): { bytes: Buffer; ends: number[] } {
    const sizes = chunk.map((no) => 4 + liveRecordBytes(this.#count[no] ?? 0));
    const bytes = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + size, 0));
    const view = viewOf(bytes);
    let at = 0;
    const ends = chunk.map((no) => {
      view.setUint32(at, no, true);
      at = encodeLiveRecord(view, at + 4, this.#columns, no, this.#count[no] ?? 0);
      return at;
    });
    return { bytes, ends };
  }

  #grow(no: number): void {
    const size = Math.max(no + 1, 2 * this.#count.length, 131_072);
    const before = this.#columns;
    this.#columns = columnsOf(size);
    this.#columns.tsMs.set(before.tsMs);
    this.#columns.receivedMs.set(before.receivedMs);
    this.#columns.contextWords.set(before.contextWords);
    this.#columns.state.set(before.state);
    this.#columns.metrics.set(before.metrics);
    const counts = new Uint8Array(size);
    counts.set(this.#count);
    this.#count = counts;
    this.#toFeed = new DirtySet(size, this.#toFeed);
    this.#toHash = new DirtySet(size, this.#toHash);
  }
}

function columnsOf(size: number): LiveColumns {
  return {
    tsMs: new Float64Array(size),
    receivedMs: new Float64Array(size),
    contextWords: new Int32Array(2 * size),
    state: new Uint8Array(size),
    metrics: new Float64Array(size * MAX_METRICS),
  };
}

function* chunks(devices: readonly number[]): Generator<number[]> {
  for (let at = 0; at < devices.length; at += CHUNK_DEVICES) yield devices.slice(at, at + CHUNK_DEVICES);
}
