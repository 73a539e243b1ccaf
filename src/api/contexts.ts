/** What readings say besides numbers, by context key, from reading_context through a bounded cache. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Database } from '../lib/bounded-leader.ts';
import type { DeviceDetail } from './schemas.ts';

export type ReadingContext = Pick<DeviceDetail, 'firmware' | 'status' | 'location' | 'tags'>;

const Body = Type.Object({
  firmware: Type.Optional(Type.String()),
  code: Type.Optional(Type.String()),
  message: Type.Optional(Type.String()),
  location: Type.Optional(Type.Object({ lat: Type.Number(), lon: Type.Number() })),
  tags: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});

export const NO_CONTEXT: ReadingContext = { firmware: null, status: null, location: null, tags: {} };

/** Throws on a body of another form than ingest writes. */
function parseContext(body: unknown): ReadingContext {
  const { firmware, code, message, location, tags } = Value.Parse(Body, body);
  return {
    firmware: firmware ?? null,
    status:
      code === undefined && message === undefined ? null : { code: code ?? null, message: message ?? null },
    location: location === undefined ? null : { lat: location.lat, lon: location.lon },
    tags: Object.fromEntries(
      Object.entries(tags ?? {}).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ]),
    ),
  };
}

/** Fleet-wide there are few distinct contexts; this bounds the memory should there be many. */
const MAX_CONTEXTS = 20_000;

export class ContextStore {
  readonly #db: Database;
  /** Insertion order is the order of use: the first is evicted. */
  readonly #cache = new Map<bigint, ReadingContext>();

  constructor(db: Database) {
    this.#db = db;
  }

  /**
   * The contexts of these keys; one that is not stored (any more) is absent. Throws UnavailableError when one
   * is not cached and no leader answers.
   */
  async get(keys: readonly bigint[]): Promise<ReadonlyMap<bigint, ReadingContext>> {
    const found = new Map<bigint, ReadingContext>();
    const missing = new Set<bigint>();
    for (const key of keys) {
      const cached = this.#cache.get(key);
      if (cached === undefined) missing.add(key);
      else found.set(key, this.#touch(key, cached));
    }
    if (missing.size === 0) return found;
    const { rows } = await this.#db.query<{ context: string; body: unknown }>(
      'SELECT context::text AS context, body FROM reading_context WHERE context = ANY($1::bigint[])',
      [[...missing].map(String)],
    );
    for (const row of rows) {
      const key = BigInt(row.context);
      found.set(key, this.#touch(key, parseContext(row.body)));
    }
    return found;
  }

  #touch(key: bigint, context: ReadingContext): ReadingContext {
    this.#cache.delete(key);
    this.#cache.set(key, context);
    if (this.#cache.size > MAX_CONTEXTS) {
      const [oldest] = this.#cache.keys();
      if (oldest !== undefined) this.#cache.delete(oldest);
    }
    return context;
  }
}
