/**
 * The Universal Sentence Encoder lite in threads of its own. Questions overtake passages: these go in batches of a
 * few, so that a question waits for one batch at most.
 */
import { availableParallelism } from 'node:os';
import { UnavailableError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Embedder } from './embedder.ts';
import { EncoderThread } from './encoder-thread.ts';

const LOCAL_MODEL = 'use-lite-512';
const DIMENSIONS = 512;
/** 0.1 to 0.2 s of a processor each. */
const BATCH = 4;
/** Texts that may wait; an indexer sends 32 at a time. */
const MAX_WAITING = 1_000;
/** Each takes about 170 MB with its model. The second one starts when the first has work and more waits. */
const MAX_THREADS = Math.min(2, availableParallelism());

type Job = {
  readonly texts: readonly string[];
  readonly signal: AbortSignal;
  readonly resolve: (vectors: Float32Array[]) => void;
  readonly reject: (error: unknown) => void;
};

export class LocalEmbedder implements Embedder {
  readonly model = LOCAL_MODEL;
  readonly dimensions = DIMENSIONS;
  readonly #log: Log;
  readonly #waiting: Record<'query' | 'passage', Job[]> = { query: [], passage: [] };
  readonly #threads = new Set<EncoderThread>();
  #closed = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** A text without letters has the zero vector, which is like no other. Throws UnavailableError. */
  async embed(
    texts: readonly string[],
    purpose: 'query' | 'passage',
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    const full = texts.filter((text) => text.trim() !== '');
    const batches: Promise<Float32Array[]>[] = [];
    for (let from = 0; from < full.length; from += BATCH) {
      batches.push(this.#enqueue(full.slice(from, from + BATCH), purpose, signal));
    }
    const made = (await Promise.all(batches)).flat();
    let next = 0;
    return texts.map((text) =>
      text.trim() === '' ? new Float32Array(DIMENSIONS) : (made[next++] ?? new Float32Array(DIMENSIONS)),
    );
  }

  #enqueue(
    texts: readonly string[],
    purpose: 'query' | 'passage',
    signal: AbortSignal,
  ): Promise<Float32Array[]> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const waiting = this.#waiting[purpose];
      if (this.#closed || waiting.length * BATCH >= MAX_WAITING) {
        throw new UnavailableError('the sentence encoder has too much to do');
      }
      waiting.push({ texts, signal, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    const { query, passage } = this.#waiting;
    while (query.length + passage.length > 0) {
      const thread = this.#idleThread();
      const job = thread === undefined ? undefined : (query.shift() ?? passage.shift());
      if (thread === undefined || job === undefined) return;
      if (job.signal.aborted) job.reject(job.signal.reason);
      else void this.#work(thread, job);
    }
  }

  async #work(thread: EncoderThread, { texts, resolve, reject }: Job): Promise<void> {
    try {
      const vectors = await thread.encode(texts);
      resolve(texts.map((_, index) => vectors.slice(index * DIMENSIONS, (index + 1) * DIMENSIONS)));
    } catch (error) {
      reject(error);
    }
    this.#next();
  }

  /** undefined: all are at work. */
  #idleThread(): EncoderThread | undefined {
    const idle = [...this.#threads].find((thread) => thread.idle);
    if (idle !== undefined || this.#threads.size >= MAX_THREADS) return idle;
    // The text that a thread died of is not tried again; the next one starts a new thread.
    const thread = new EncoderThread((why) => {
      this.#threads.delete(thread);
      if (!this.#closed) this.#log.error({ failure: why }, 'the sentence encoder ended');
    });
    this.#threads.add(thread);
    return thread;
  }

  async close(): Promise<void> {
    this.#closed = true;
    const error = new UnavailableError('the sentence encoder is closed');
    for (const job of [...this.#waiting.query.splice(0), ...this.#waiting.passage.splice(0)])
      job.reject(error);
    await Promise.all([...this.#threads].map((thread) => thread.close()));
  }
}
