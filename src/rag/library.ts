/**
 * The documents in memory, kept in step with the database: what one region imports or deletes, the other one finds
 * within a second or two. Without the database it answers from what it has.
 */
import type { Database } from '../lib/bounded-leader.ts';
import { Nap } from '../lib/clock.ts';
import type { Embedder } from '../lib/embed/embedder.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { SearchIndex } from './search/index.ts';
import { listSearchable, readPassages, type Searchable } from './store.ts';
import type { Hit } from './types.ts';
import { readVectors } from './vector-store.ts';

const POLL_MS = 1_000;

/** An index whose vectors are of one model. */
export type Space = { readonly embedder: Embedder; readonly index: SearchIndex };

export class Library {
  /** The local one first; it is always there. */
  readonly spaces: readonly [Space, ...Space[]];
  readonly #db: Database;
  readonly #log: Log;
  readonly #known = new Map<string, Searchable>();
  readonly #nap = new Nap();
  #loaded = false;
  #failure: string | null = null;

  constructor(db: Database, embedders: readonly [Embedder, ...Embedder[]], log: Log) {
    const [local, ...others] = embedders;
    const spaceOf = (embedder: Embedder): Space => ({
      embedder,
      index: new SearchIndex(embedder.dimensions),
    });
    this.spaces = [spaceOf(local), ...others.map(spaceOf)];
    this.#db = db;
    this.#log = log;
  }

  /** True once everything that was stored at the start can be found by words. */
  get loaded(): boolean {
    return this.#loaded;
  }

  get documents(): number {
    return this.#known.size;
  }

  get passages(): number {
    return this.spaces[0].index.passages;
  }

  /** Titles, for an answer that says what was searched. */
  get titles(): string[] {
    return [...this.#known.values()].map(({ title }) => title);
  }

  /** The space of a model; undefined when it is not in use. */
  spaceOf(model: string): Space | undefined {
    return this.spaces.find(({ embedder }) => embedder.model === model);
  }

  /** The best passages; without a vector by words alone. */
  search(space: Space, question: string, vector: Float32Array | null, limit: number): Hit[] {
    return space.index.search(question, vector, limit);
  }

  /** Looks now instead of at the next turn. */
  hurry(): void {
    this.#nap.end();
  }

  /** Follows the database until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#nap.end();
    signal.addEventListener('abort', stop, { once: true });
    while (!signal.aborted) {
      try {
        const more = await this.#follow(signal);
        this.#failure = null;
        if (more) continue;
      } catch (error) {
        const failure = describeError(error);
        if (failure !== this.#failure && !signal.aborted) {
          this.#log.warn({ failure }, 'the documents in memory do not follow the database');
        }
        this.#failure = failure;
      }
      await this.#nap.take(POLL_MS);
    }
  }

  /** One turn; true when there is more to fetch at once. */
  async #follow(signal: AbortSignal): Promise<boolean> {
    const stored = new Map((await listSearchable(this.#db)).map((one) => [one.documentId, one]));
    for (const documentId of [...this.#known.keys()].filter((id) => !stored.has(id)))
      this.#remove(documentId);
    for (const document of stored.values()) {
      if (signal.aborted) return false;
      if (this.#known.get(document.documentId)?.readAtMs === document.readAtMs) continue;
      const passages = await readPassages(this.#db, document.documentId);
      for (const { index } of this.spaces) index.put(document, passages);
      this.#known.set(document.documentId, document);
    }
    this.#loaded = true;
    return this.#fetchVectors(signal);
  }

  async #fetchVectors(signal: AbortSignal): Promise<boolean> {
    let fetched = false;
    for (const { embedder, index } of this.spaces) {
      for (const { documentId, passages } of this.#known.values()) {
        const have = index.vectorsOf(documentId);
        if (have >= passages || signal.aborted) continue;
        const vectors = await readVectors(this.#db, documentId, embedder, have);
        if (vectors.length === 0) continue;
        index.setVectors(documentId, have, vectors);
        fetched ||= have + vectors.length < passages;
      }
    }
    return fetched && !signal.aborted;
  }

  #remove(documentId: string): void {
    this.#known.delete(documentId);
    for (const { index } of this.spaces) index.remove(documentId);
  }
}
