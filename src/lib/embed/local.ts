/**
 * The Universal Sentence Encoder lite in a thread of its own. Questions overtake passages: these go in batches of a
 * few, so that a question waits for one batch at most.
 */
import { Worker } from 'node:worker_threads';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { describeError, UnavailableError } from '../errors.ts';
import type { Log } from '../log.ts';
import { threadFile } from '../thread-file.ts';
import type { Embedder } from './embedder.ts';

const LOCAL_MODEL = 'use-lite-512';
const DIMENSIONS = 512;
/** 0.1 s of a processor each. */
const BATCH = 4;
/** Texts that may wait; an indexer sends 16 at a time. */
const MAX_WAITING = 1_000;

const Reply = Type.Union([
  Type.Object({ id: Type.Integer(), vectors: Type.Unsafe<Float32Array>({}) }),
  Type.Object({ id: Type.Integer(), failure: Type.String() }),
]);

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
  #worker: Worker | null = null;
  #running: Job | null = null;
  #id = 0;
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
    const made: Float32Array[] = [];
    for (let from = 0; from < full.length; from += BATCH) {
      made.push(...(await this.#enqueue(full.slice(from, from + BATCH), purpose, signal)));
    }
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
    signal.throwIfAborted();
    const waiting = this.#waiting[purpose];
    if (this.#closed || waiting.length * BATCH >= MAX_WAITING) {
      throw new UnavailableError('the sentence encoder has too much to do');
    }
    return new Promise((resolve, reject) => {
      waiting.push({ texts, signal, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#running !== null) return;
    const job = this.#waiting.query.shift() ?? this.#waiting.passage.shift();
    if (job === undefined) return;
    if (job.signal.aborted) {
      job.reject(job.signal.reason);
      this.#next();
      return;
    }
    this.#running = job;
    this.#id += 1;
    this.#worker ??= this.#start();
    this.#worker.postMessage({ id: this.#id, texts: job.texts });
  }

  #start(): Worker {
    const worker = new Worker(threadFile(import.meta.url, './thread.ts', 'embed'), { argv: [] });
    worker.on('message', (message: unknown) => this.#onReply(message));
    worker.once('error', (error) => this.#onEnd(worker, describeError(error)));
    worker.once('exit', () => this.#onEnd(worker, 'it ended'));
    return worker;
  }

  #onReply(message: unknown): void {
    const reply = Value.Parse(Reply, message);
    const job = this.#running;
    if (job === null || reply.id !== this.#id) return;
    this.#running = null;
    if ('failure' in reply) job.reject(new UnavailableError(`the sentence encoder failed: ${reply.failure}`));
    else
      job.resolve(
        job.texts.map((_, index) => reply.vectors.slice(index * DIMENSIONS, (index + 1) * DIMENSIONS)),
      );
    this.#next();
  }

  /** The next text starts a new thread; the one that it died of is not tried again. */
  #onEnd(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    if (!this.#closed) this.#log.error({ failure: why }, 'the sentence encoder ended');
    this.#running?.reject(new UnavailableError(`the sentence encoder ended: ${why}`));
    this.#running = null;
    this.#next();
  }

  async close(): Promise<void> {
    this.#closed = true;
    const error = new UnavailableError('the sentence encoder is closed');
    for (const job of [...this.#waiting.query.splice(0), ...this.#waiting.passage.splice(0)])
      job.reject(error);
    const worker = this.#worker;
    this.#running?.reject(error);
    this.#running = null;
    await worker?.terminate();
  }
}
