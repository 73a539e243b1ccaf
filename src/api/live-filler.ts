/**
 * Decides when the live table is filled from PostgreSQL, and does it: once at start for the devices that
 * Redis did not know, all devices again and again while Redis is away, and once more when it is back,
 * for what passed between. A cache that was flushed under a live subscription has cost the table nothing.
 */

import type { Database } from '../lib/bounded-leader.ts';
import { monotonicMs, pause, wallMs } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import type { CacheState, LiveFeed } from './live-feed.ts';
import { rebuildFromStore } from './live-rebuild.ts';
import type { LiveTable } from './live-table.ts';
import { loadRegistry, registryFingerprint } from './registry-store.ts';

const TICK_MS = 500;
const REGISTRY_MS = 10_000;
/** Redis has this long, once the devices are known, to begin to say what it knows of them. */
const CACHE_GRACE_MS = 3_000;
const REBUILD_PAUSE_MS = 5_000;
/**
 * A fill of all devices may take this share of the leader's time. It comes after a lost region, when the other one
 * starts again and everybody's requests have waited.
 */
const REBUILD_DUTY = 0.3;

export type Fill = 'none' | 'unreported' | 'all';

/**
 * What to fill from PostgreSQL now. `sinceKnownMs`: since the devices are known. `firstDone`: the fill at start has
 * been done. `missed`: the feed was cut at some moment since the last fill of all devices. What is still on its way
 * from the cache need not be looked for in the database.
 */
export function planFill(view: {
  readonly cache: CacheState;
  readonly sinceKnownMs: number;
  readonly firstDone: boolean;
  readonly missed: boolean;
  readonly sinceFillMs: number;
}): Fill {
  if (view.cache === 'loading') return 'none';
  const cacheSpoke = view.cache !== 'connecting' || view.sinceKnownMs > CACHE_GRACE_MS;
  if (!view.firstDone) return cacheSpoke ? 'unreported' : 'none';
  return view.missed && view.sinceFillMs >= REBUILD_PAUSE_MS ? 'all' : 'none';
}

export type LiveFillerOptions = {
  readonly db: Database;
  readonly table: LiveTable;
  readonly feed: LiveFeed;
  /** Readings older than this are not looked for. */
  readonly windowMs: number;
  readonly log: Log;
};

export class LiveFiller {
  readonly #options: LiveFillerOptions;
  readonly #stop = new AbortController();
  #fingerprint = '';
  #registryReadMs = Number.NEGATIVE_INFINITY;
  #knownMs: number | undefined;
  #firstDone = false;
  #missed = false;
  /** Connections of the feed that the last fill came after. */
  #connections = 0;
  #filledMs = Number.NEGATIVE_INFINITY;
  #lastFailure = '';
  #loop: Promise<void> = Promise.resolve();

  constructor(options: LiveFillerOptions) {
    this.#options = options;
  }

  /** True once the registry is known and the first fill is done: before, every device would seem unknown. */
  get ready(): boolean {
    return this.#firstDone;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    do {
      try {
        await this.#refreshRegistry();
        await this.#fill();
        this.#lastFailure = '';
      } catch (error) {
        const failure = describeError(error);
        if (failure !== this.#lastFailure && !this.#stop.signal.aborted) {
          this.#options.log.warn({ failure }, 'cannot fill the live table');
        }
        this.#lastFailure = failure;
      }
    } while (await pause(TICK_MS, this.#stop.signal));
  }

  async #refreshRegistry(): Promise<void> {
    if (monotonicMs() - this.#registryReadMs < REGISTRY_MS) return;
    const { db, table, feed, log } = this.#options;
    const fingerprint = await registryFingerprint(db);
    if (fingerprint !== this.#fingerprint) {
      const added = await loadRegistry(db, table);
      log.info({ added, devices: table.size }, 'device registry read');
      this.#fingerprint = fingerprint;
      feed.reload();
    }
    if (table.size > 0) this.#registryReadMs = monotonicMs();
  }

  async #fill(): Promise<void> {
    const { table, feed, db, windowMs, log } = this.#options;
    if (table.size === 0) return;
    this.#missed ||= feed.state === 'away' || (this.#firstDone && feed.connections > this.#connections);
    const { connections } = feed;
    const startedMs = monotonicMs();
    this.#knownMs ??= startedMs;
    const fill = planFill({
      cache: feed.state,
      sinceKnownMs: startedMs - this.#knownMs,
      firstDone: this.#firstDone,
      missed: this.#missed,
      sinceFillMs: startedMs - this.#filledMs,
    });
    if (fill === 'none') return;
    const away = feed.state === 'away';
    const numbers = fill === 'all' ? table.allNumbers() : table.unreported();
    const found = await rebuildFromStore(db, table, numbers, {
      sinceMs: wallMs() - windowMs,
      duty: fill === 'all' ? REBUILD_DUTY : 1,
      signal: this.#stop.signal,
    });
    this.#filledMs = monotonicMs();
    this.#firstDone = true;
    if (!away) {
      this.#missed = false;
      this.#connections = connections;
    }
    const tookMs = Math.round(this.#filledMs - startedMs);
    log.info({ fill, asked: numbers.length, found, tookMs }, 'live table filled');
  }
}
