/** Keeps the latest committed reading of every device of this ingest in Redis, written a few times a second. */
import type { Redis } from 'ioredis';
import { pause, wallMs } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import {
  encodeLiveRecord,
  LIVE_FEED_CHANNEL,
  LIVE_OBSERVING_KEY,
  liveHashKey,
  liveRecordBytes,
  MAX_METRICS,
} from '../lib/live-record.ts';
import type { Log } from '../lib/log.ts';
import type { Batch } from './batch.ts';

const FLUSH_MS = 250;
/** One command carries at most this many devices, so that it never blocks Redis for long. */
const CHUNK_DEVICES = 2_000;
const CHECK_MS = 2_000;

export class LivePublisher {
  readonly #redis: Redis;
  readonly #region: string;
  readonly #log: Log;
  readonly #observingSinceMs = wallMs();
  #tsMs = new Float64Array(0);
  #receivedMs = new Float64Array(0);
  #context = new BigInt64Array(0);
  #state = new Uint8Array(0);
  #count = new Uint8Array(0);
  #metrics = new Float64Array(0);
  #dirty = new Uint8Array(0);
  #dirtyList: number[] = [];
  /** Devices that this process has written at least once: all are written again after a flush of Redis. */
  #known = 0;

  constructor(redis: Redis, region: string, log: Log) {
    this.#redis = redis;
    this.#region = region;
    this.#log = log;
  }

  /** Takes the committed rows; a device keeps its newest reading. */
  update(batch: Batch): void {
    for (let row = 0; row < batch.rows; row++) {
      const no = batch.deviceNo[row] ?? 0;
      if (no >= this.#tsMs.length) this.#grow(no);
      const tsMs = batch.tsMs[row] ?? 0;
      const before = this.#tsMs[no] ?? 0;
      if (tsMs <= before) continue;
      if (before === 0) this.#known++;
      this.#tsMs[no] = tsMs;
      this.#receivedMs[no] = batch.receivedMs[row] ?? 0;
      this.#context[no] = batch.context[row] ?? 0n;
      this.#state[no] = batch.state[row] ?? 0;
      this.#count[no] = batch.metricCount[row] ?? 0;
      const first = row * MAX_METRICS;
      this.#metrics.set(
        batch.metrics.subarray(first, first + (batch.metricCount[row] ?? 0)),
        no * MAX_METRICS,
      );
      this.#mark(no);
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
    const observing = await this.#redis.hset(
      LIVE_OBSERVING_KEY,
      this.#region,
      String(this.#observingSinceMs),
    );
    const unwritten = this.#dirtyList.length;
    const stored = await this.#redis.hlen(liveHashKey(this.#region));
    if (observing === 0 && stored + unwritten >= this.#known) return;
    for (let no = 0; no < this.#tsMs.length; no++) if ((this.#tsMs[no] ?? 0) > 0) this.#mark(no);
    if (this.#known > 0) this.#log.info({ devices: this.#known }, 'live state is written anew');
  }

  async #flush(): Promise<void> {
    while (this.#dirtyList.length > 0) {
      const chunk = this.#dirtyList.slice(0, CHUNK_DEVICES);
      const fields: (string | Buffer)[] = [];
      const feed: Buffer[] = [];
      for (const no of chunk) {
        const record = this.#encode(no);
        fields.push(String(no), record.subarray(4));
        feed.push(record);
      }
      await this.#redis
        .pipeline()
        .hset(liveHashKey(this.#region), ...fields)
        .publish(LIVE_FEED_CHANNEL, Buffer.concat(feed))
        .exec();
      for (const no of chunk) this.#dirty[no] = 0;
      this.#dirtyList = this.#dirtyList.slice(chunk.length);
    }
  }

  /** device_no as uint32, then the record. */
  #encode(no: number): Buffer {
    const count = this.#count[no] ?? 0;
    const buffer = Buffer.allocUnsafe(4 + liveRecordBytes(count));
    buffer.writeUInt32LE(no, 0);
    encodeLiveRecord(buffer, 4, {
      tsMs: this.#tsMs[no] ?? 0,
      receivedMs: this.#receivedMs[no] ?? 0,
      context: this.#context[no] ?? 0n,
      state: this.#state[no] ?? 0,
      metrics: this.#metrics.subarray(no * MAX_METRICS, no * MAX_METRICS + count),
    });
    return buffer;
  }

  #mark(no: number): void {
    if (this.#dirty[no] === 1) return;
    this.#dirty[no] = 1;
    this.#dirtyList.push(no);
  }

  #grow(no: number): void {
    const size = Math.max(no + 1, 2 * this.#tsMs.length, 131_072);
    const grown = <T extends { set(from: T): void }>(to: T, from: T): T => {
      to.set(from);
      return to;
    };
    this.#tsMs = grown(new Float64Array(size), this.#tsMs);
    this.#receivedMs = grown(new Float64Array(size), this.#receivedMs);
    this.#context = grown(new BigInt64Array(size), this.#context);
    this.#state = grown(new Uint8Array(size), this.#state);
    this.#count = grown(new Uint8Array(size), this.#count);
    this.#dirty = grown(new Uint8Array(size), this.#dirty);
    this.#metrics = grown(new Float64Array(size * MAX_METRICS), this.#metrics);
  }
}
