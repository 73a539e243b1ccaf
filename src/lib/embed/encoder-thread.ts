/** A thread that runs the Universal Sentence Encoder lite, one batch of texts at a time. */
import { Worker } from 'node:worker_threads';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { describeError, UnavailableError } from '../errors.ts';
import { threadFile } from '../thread-file.ts';

const Reply = Type.Union([
  Type.Object({ id: Type.Integer(), vectors: Type.Unsafe<Float32Array>({}) }),
  Type.Object({ id: Type.Integer(), failure: Type.String() }),
]);

type Running = {
  readonly resolve: (vectors: Float32Array) => void;
  readonly reject: (error: unknown) => void;
};

export class EncoderThread {
  readonly #worker: Worker;
  readonly #onEnd: (why: string) => void;
  #running: Running | null = null;
  #id = 0;
  #ended = false;

  /** `onEnd` is told once why the thread is gone; what it was at has failed by then. */
  constructor(onEnd: (why: string) => void) {
    this.#onEnd = onEnd;
    this.#worker = new Worker(threadFile(import.meta.url, './thread.ts', 'embed'), { argv: [] });
    this.#worker.on('message', (message: unknown) => this.#onReply(message));
    this.#worker.once('error', (error) => this.#end(describeError(error)));
    this.#worker.once('exit', () => this.#end('it ended'));
  }

  get idle(): boolean {
    return this.#running === null && !this.#ended;
  }

  /** The vectors one after the other. Only when it is idle. Throws UnavailableError. */
  encode(texts: readonly string[]): Promise<Float32Array> {
    return new Promise((resolve, reject) => {
      this.#running = { resolve, reject };
      this.#id += 1;
      this.#worker.postMessage({ id: this.#id, texts });
    });
  }

  #onReply(message: unknown): void {
    const reply = Value.Parse(Reply, message);
    const running = this.#running;
    if (running === null || reply.id !== this.#id) return;
    this.#running = null;
    if ('vectors' in reply) running.resolve(reply.vectors);
    else running.reject(new UnavailableError(`the sentence encoder failed: ${reply.failure}`));
  }

  #end(why: string): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#running?.reject(new UnavailableError(`the sentence encoder ended: ${why}`));
    this.#running = null;
    this.#onEnd(why);
  }

  async close(): Promise<void> {
    this.#end('it is closed');
    await this.#worker.terminate();
  }
}
