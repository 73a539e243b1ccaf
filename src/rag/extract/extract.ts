/** Reads a file in a thread of its own, within bounds of time, memory and pages. */
import { Worker } from 'node:worker_threads';
import { after } from '../../lib/clock.ts';
import { threadFile } from '../../lib/thread-file.ts';
import type { Extracted, ExtractFailure } from '../types.ts';
import { ExtractError } from './extract-error.ts';
import type { MediaType } from './media-type.ts';

/** pdf.js holds a page at a time; a report of 372 pages takes 150 MB. */
const MAX_HEAP_MB = 384;

type Message =
  | { readonly pagesRead: number; readonly pages: number }
  | { readonly extracted: Extracted }
  | { readonly failure: ExtractFailure; readonly message: string };

export type ExtractOptions = {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly maxPages: number;
  readonly onProgress: (pagesRead: number, pages: number) => void;
};

/** Throws ExtractError with what is wrong with the file, or the signal's reason. The caller keeps `bytes`. */
export async function extract(
  bytes: Uint8Array,
  mediaType: MediaType,
  options: ExtractOptions,
): Promise<Extracted> {
  const { signal, timeoutMs, maxPages, onProgress } = options;
  signal.throwIfAborted();
  const copy = Uint8Array.from(bytes);
  const worker = new Worker(threadFile(import.meta.url, './thread.ts', 'rag-extract'), {
    workerData: { bytes: copy, mediaType, maxPages },
    transferList: [copy.buffer],
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
    argv: [],
  });
  let cancel = (): void => {};
  let stop = (): void => {};
  try {
    return await new Promise<Extracted>((resolve, reject) => {
      const seconds = Math.round(timeoutMs / 1_000);
      cancel = after(timeoutMs, () =>
        reject(new ExtractError('too_slow', `it could not be read in ${seconds} s`)),
      );
      stop = () => reject(signal.reason);
      signal.addEventListener('abort', stop, { once: true });
      worker.on('message', (message: Message) => {
        if ('extracted' in message) resolve(message.extracted);
        else if ('failure' in message) reject(new ExtractError(message.failure, message.message));
        else onProgress(message.pagesRead, message.pages);
      });
      worker.once('error', (error) =>
        reject(new ExtractError('broken', `the file cannot be read: ${whyOf(error)}`)),
      );
      worker.once('exit', () => reject(new ExtractError('broken', 'the file cannot be read')));
    });
  } finally {
    cancel();
    signal.removeEventListener('abort', stop);
    await worker.terminate();
  }
}

const whyOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? 'it takes too much memory'
    : 'it is damaged';
