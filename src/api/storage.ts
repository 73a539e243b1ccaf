/** How much the stored readings occupy, read from PostgreSQL's catalog in the background. */

import type { Database } from '../lib/bounded-leader.ts';
import { pause } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

const REFRESH_MS = 30_000;
const RETRY_MS = 2_000;

export type StorageSizes = {
  readonly readingsBytes: number;
  readonly partitions: number;
  /** Start of the oldest partition, ISO 8601; null: there is none. */
  readonly oldest: string | null;
};

/** Bytes with indexes, count and oldest bound of the partitions of `reading`. Throws UnavailableError. */
async function readStorageSizes(db: Database): Promise<StorageSizes> {
  const { rows } = await db.query<{ bytes: number; partitions: number; oldest: Date | null }>(`
    SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 AS bytes, count(*)::integer AS partitions,
           min(substring(pg_get_expr(c.relpartbound, c.oid) FROM $$FROM \\('([^']+)'\\)$$)::timestamptz) AS oldest
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
    WHERE i.inhparent = 'reading'::regclass`);
  const [row] = rows;
  return {
    readingsBytes: row?.bytes ?? 0,
    partitions: row?.partitions ?? 0,
    oldest: row?.oldest?.toISOString() ?? null,
  };
}

export class StorageWatch {
  readonly #db: Database;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #sizes: StorageSizes = { readingsBytes: 0, partitions: 0, oldest: null };
  #loop: Promise<void> = Promise.resolve();

  constructor(db: Database, log: Log) {
    this.#db = db;
    this.#log = log;
  }

  get sizes(): StorageSizes {
    return this.#sizes;
  }

  start(): void {
    this.#loop = this.#run();
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let waitMs: number;
    do {
      try {
        this.#sizes = await readStorageSizes(this.#db);
        waitMs = REFRESH_MS;
      } catch (error) {
        waitMs = RETRY_MS;
        if (!this.#stop.signal.aborted) {
          this.#log.debug({ failure: describeError(error) }, 'cannot read the size of the readings');
        }
      }
    } while (await pause(waitMs, this.#stop.signal));
  }
}
