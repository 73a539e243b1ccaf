/** Asking the API for the same thing again and again. */
import { after } from '../lib/clock.ts';
import { ApiError, getJson } from './api.ts';
import type { Shape } from './shapes.ts';

export type PollAnswer<T> = { readonly value: T } | { readonly error: ApiError };

export type PollOptions<T> = {
  /** Asked before each request, because a path may hold the present time. */
  readonly pathNow: () => string;
  readonly shape: Shape<T>;
  readonly deadline_ms?: number;
  /** How long after this answer the next request starts; null: never. `failures` in a row, this one included. */
  readonly wait_ms: (error: ApiError | null, failures: number) => number | null;
  readonly take: (answer: PollAnswer<T>, wait_ms: number | null) => void;
};

/**
 * Asks now and again after each answer, one request at a time, so that a slow server is not asked faster than it
 * answers. Ends with the returned function.
 */
export function poll<T>(options: PollOptions<T>): () => void {
  const abort = new AbortController();
  let cancel = () => {};
  let failures = 0;
  const ask = async () => {
    const answer = await getJson(options.pathNow(), options.shape, abort.signal, options.deadline_ms).then(
      (value): PollAnswer<T> => ({ value }),
      (error: unknown): PollAnswer<T> => ({
        error: error instanceof ApiError ? error : new ApiError(String(error), null, error),
      }),
    );
    if (abort.signal.aborted) return;
    const error = 'error' in answer ? answer.error : null;
    failures = error === null ? 0 : failures + 1;
    const wait_ms = options.wait_ms(error, failures);
    if (wait_ms !== null) cancel = after(wait_ms, () => void ask());
    options.take(answer, wait_ms);
  };
  void ask();
  return () => {
    abort.abort();
    cancel();
  };
}
