/**
 * Threads that look at photos, one a processor at most. A photo that a thread dies of, or that takes too long, fails;
 * the next one has a new thread. Threads that had nothing to do for a while end, and give their memory back.
 */
import { Worker } from 'node:worker_threads';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { after } from '../../lib/clock.ts';
import { describeError } from '../../lib/errors.ts';
import type { Log } from '../../lib/log.ts';
import { threadFile } from '../../lib/thread-file.ts';
import { PhotoError, type PhotoFailure } from '../photo-error.ts';
import type { Analysis } from './analyse.ts';

/** With the version: a change of models or rules changes what is said. */
export const DETECTOR = 'centernet-ssd-movenet-rules-3';

const LIMIT_MS = 60_000;
const IDLE_MS = 90_000;
/** How long a thread that is asked to end may take: between two runs of a network it does. */
const END_MS = 5_000;
/**
 * Pixels and tensors are not V8's: with its own choice each thread takes 30 MB more and is no faster. Where the process
 * has a flag for it, as the service has, that one counts.
 */
const YOUNG_MB = 4;

export type Look = {
  readonly analysis: Analysis;
  /** JPEG as shown. */
  readonly shown: Uint8Array;
  readonly thumbnail: Uint8Array;
  /** Of `shown`, in pixels. */
  readonly width: number;
  readonly height: number;
};

const Reply = Type.Union([
  Type.Object({ id: Type.Integer(), look: Type.Unsafe<Look>({}) }),
  Type.Object({ id: Type.Integer(), failure: Type.Unsafe<PhotoFailure>({}), message: Type.String() }),
]);

/** What every use of a thread ends with. */
type Outcome = { readonly look: Look } | { readonly error: unknown };

export class Detector {
  readonly #log: Log;
  #worker: Worker | null = null;
  #settle: ((outcome: Outcome) => void) | null = null;
  #id = 0;
  #cancelIdle: () => void = () => undefined;
  #ending: Promise<void> = Promise.resolve();

  constructor(log: Log) {
    this.#log = log;
  }

  /** One photo at a time; the bytes are copied. Rejects with PhotoError, or with the signal's reason. */
  async look(bytes: Uint8Array, signal: AbortSignal): Promise<Look> {
    signal.throwIfAborted();
    if (this.#settle !== null) throw new Error('a detector looks at one photo at a time');
    this.#cancelIdle();
    this.#worker ??= this.#start();
    const worker = this.#worker;
    this.#id += 1;
    worker.postMessage({ id: this.#id, bytes });
    const outcome = await this.#outcome(signal);
    this.#settle = null;
    if ('error' in outcome) throw outcome.error;
    this.#cancelIdle = after(IDLE_MS, () => void this.close());
    return outcome.look;
  }

  #outcome(signal: AbortSignal): Promise<Outcome> {
    return new Promise((resolve) => {
      const give = (error: unknown): void => {
        void this.close();
        settle({ error });
      };
      const onAbort = (): void => give(signal.reason);
      const cancel = after(LIMIT_MS, () =>
        give(new PhotoError('too_slow', `the photo takes longer than ${LIMIT_MS / 1_000} s`)),
      );
      const settle = (outcome: Outcome): void => {
        cancel();
        signal.removeEventListener('abort', onAbort);
        resolve(outcome);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      this.#settle = settle;
    });
  }

  #start(): Worker {
    const worker = new Worker(threadFile(import.meta.url, './thread.ts', 'vision-detect'), {
      argv: [],
      resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB },
    });
    worker.on('message', (message: unknown) => this.#onReply(message));
    worker.once('error', (error) => this.#onEnd(worker, describeError(error)));
    worker.once('exit', () => this.#onEnd(worker, 'it ended'));
    return worker;
  }

  #onReply(message: unknown): void {
    const reply = Value.Parse(Reply, message);
    if (reply.id !== this.#id) return;
    if ('look' in reply) this.#settle?.({ look: reply.look });
    else this.#settle?.({ error: new PhotoError(reply.failure, reply.message) });
  }

  #onEnd(worker: Worker, why: string): void {
    if (this.#worker !== worker) return;
    this.#worker = null;
    this.#log.error({ failure: why }, 'the detector ended');
    this.#settle?.({ error: new PhotoError('crashed', 'the detector ended while it looked at the photo') });
  }

  /** Ends the thread, whatever it does. */
  close(): Promise<void> {
    this.#cancelIdle();
    const worker = this.#worker;
    this.#worker = null;
    if (worker !== null) this.#ending = Promise.all([this.#ending, ended(worker)]).then(() => undefined);
    return this.#ending;
  }
}

/** Asks first: a thread that is terminated while ONNX Runtime executes takes the whole process with it. */
async function ended(worker: Worker): Promise<void> {
  // Not `once` of node:events, which would fail with an error of the thread that comes before its end.
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  worker.postMessage({ end: true });
  const cancel = after(END_MS, () => void worker.terminate());
  await exit;
  cancel();
}
