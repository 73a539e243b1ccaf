/**
 * Keeps the live table fed from Redis: a subscription for what happens now, and a scan of both regions'
 * hashes after every (re)connection for what happened before. Applying a record twice changes nothing, so
 * the two may overlap; the subscription starts first so that they do.
 */
import type { Redis } from 'ioredis';
import { monotonicMs, pause, wallMs } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import { LIVE_FEED_CHANNEL, LIVE_OBSERVING_KEY, liveHashKey, viewOf } from '../lib/live-record.ts';
import type { Log } from '../lib/log.ts';
import { DATA_REGIONS, type DataRegion } from '../lib/topology.ts';
import { INGEST_STATS_KEY, type IngestStats, observingSince, parseIngestStats } from './ingest-stats.ts';
import type { LiveTable } from './live-table.ts';

const SCAN_COUNT = 2_000;
const POLL_MS = 1_000;

/** Applies one feed message: repeated [uint32 LE device_no][record]. Throws RangeError when it is cut short. */
export function applyFeed(table: LiveTable, message: Buffer): number {
  const view = viewOf(message);
  let records = 0;
  for (let at = 0; at < view.byteLength; records++) {
    at = table.applyEncoded(view.getUint32(at, true), view, at + 4);
  }
  return records;
}

/**
 * How the cache stands towards the table. `loading`: what it knows is on its way; `lossy`: it misses devices that the
 * table knows.
 */
export type CacheState = 'connecting' | 'loading' | 'complete' | 'lossy' | 'away';

export class LiveFeed {
  readonly #table: LiveTable;
  readonly #commands: Redis;
  readonly #subscriber: Redis;
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #stats = new Map<DataRegion, IngestStats>();
  readonly #onRecords: (count: number) => void;
  #state: CacheState = 'connecting';
  #generation = 0;
  #connections = 0;
  #loaded = -1;
  #badMessages = 0;
  #loop: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly table: LiveTable;
    readonly commands: Redis;
    readonly subscriber: Redis;
    readonly log: Log;
    readonly onRecords: (count: number) => void;
  }) {
    this.#table = options.table;
    this.#commands = options.commands;
    this.#subscriber = options.subscriber;
    this.#log = options.log;
    this.#onRecords = options.onRecords;
  }

  /** How often the subscription was made: it was cut between two of them. */
  get connections(): number {
    return this.#connections;
  }
  get state(): CacheState {
    return this.#state;
  }
  /** The last counters of each ingest, also when they are old. */
  get ingestStats(): ReadonlyMap<DataRegion, IngestStats> {
    return this.#stats;
  }

  start(): void {
    this.#subscriber.on('messageBuffer', (_channel: Buffer, message: Buffer) => this.#take(message));
    this.#subscriber.on('ready', () => {
      this.#subscriber.subscribe(LIVE_FEED_CHANNEL).then(
        () => {
          this.#connections += 1;
          this.#generation += 1;
        },
        (error: unknown) => this.#log.warn({ failure: describeError(error) }, 'cannot follow the live feed'),
      );
    });
    this.#loop = this.#pollLoop();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  /** Loads the hashes again at the next poll: devices were registered after the last load. */
  reload(): void {
    this.#generation += 1;
  }

  #take(message: Buffer): void {
    try {
      this.#onRecords(applyFeed(this.#table, message));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      this.#badMessages += 1;
      this.#log.warn(
        { bytes: message.length, badMessages: this.#badMessages },
        'live feed message cut short',
      );
    }
  }

  async #pollLoop(): Promise<void> {
    do {
      try {
        await this.#poll();
      } catch (error) {
        if (this.#state !== 'away' && !this.#stop.signal.aborted) {
          this.#log.warn({ failure: describeError(error) }, 'live cache is away');
        }
        this.#state = 'away';
        this.#loaded = -1;
      }
    } while (await pause(POLL_MS, this.#stop.signal));
  }

  /** Redis is not yet connected after the start, as distinct from lost later. */
  get #connecting(): boolean {
    const ready = this.#commands.status === 'ready' && this.#subscriber.status === 'ready';
    return this.#state === 'connecting' && !ready;
  }

  async #poll(): Promise<void> {
    if (this.#connecting) return;
    await this.#readIngests();
    await this.#checkSubscription();
    if (this.#table.size === 0) return;
    const generation = this.#generation;
    if (this.#loaded !== generation) {
      const startedMs = monotonicMs();
      let records = 0;
      this.#state = 'loading';
      for (const region of DATA_REGIONS) records += await this.#loadHash(liveHashKey(region));
      this.#loaded = generation;
      this.#log.info({ records, tookMs: Math.round(monotonicMs() - startedMs) }, 'live cache loaded');
    }
    await this.#compare();
  }

  /** A subscription whose peer is gone without a word would stay silent for ever: a ping finds it. */
  async #checkSubscription(): Promise<void> {
    if (this.#subscriber.status !== 'ready') throw new Error(`subscription is ${this.#subscriber.status}`);
    try {
      await this.#subscriber.ping();
    } catch (error) {
      this.#subscriber.disconnect(true);
      throw error;
    }
  }

  /** A flushed or emptied cache holds fewer devices than the table knows; the ingests fill it again. */
  async #compare(): Promise<void> {
    const lengths = await Promise.all(DATA_REGIONS.map((region) => this.#commands.hlen(liveHashKey(region))));
    const cached = lengths.reduce((sum, length) => sum + length, 0);
    const state: CacheState = cached < this.#table.reported ? 'lossy' : 'complete';
    if (state === 'lossy' && this.#state !== 'lossy') {
      this.#log.warn({ cached, known: this.#table.reported }, 'live cache has lost devices');
    }
    this.#state = state;
  }

  async #loadHash(key: string): Promise<number> {
    let cursor = '0';
    let records = 0;
    do {
      const [next, flat] = await this.#commands.hscanBuffer(key, cursor, 'COUNT', SCAN_COUNT);
      for (let i = 0; i + 1 < flat.length; i += 2) {
        const [field, value] = [flat[i], flat[i + 1]];
        if (field === undefined || value === undefined) continue;
        this.#table.applyEncoded(Number(field.toString('latin1')), viewOf(value), 0);
        records += 1;
      }
      cursor = next.toString('latin1');
    } while (cursor !== '0' && !this.#stop.signal.aborted);
    return records;
  }

  async #readIngests(): Promise<void> {
    const [stats, observing] = await Promise.all([
      this.#commands.hgetall(INGEST_STATS_KEY),
      this.#commands.hgetall(LIVE_OBSERVING_KEY),
    ]);
    const since = new Map<DataRegion, number>();
    for (const region of DATA_REGIONS) {
      const text = stats[region];
      if (text !== undefined) this.#stats.set(region, parseIngestStats(text));
      const sinceMs = Number(observing[region]);
      if (observing[region] !== undefined && Number.isFinite(sinceMs)) since.set(region, sinceMs);
    }
    const observingMs = observingSince(since, this.#stats, wallMs());
    if (observingMs !== null) this.#table.observeSince(observingMs);
  }
}
