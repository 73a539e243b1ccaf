/** Waiting for a condition by asking again, with a bound. */
import { monotonicMs, pause, sleep } from './clock.ts';
import { describeError } from './errors.ts';

const POLL_MS = 50;

/**
 * Resolves with the first value of `probe` that is not undefined, asking every 50 ms unless told otherwise.
 * Throws after `limitMs` with `what` and with what the last attempt threw, if it did; and the signal's reason
 * when it aborts.
 */
export async function eventually<T>(
  what: string,
  limitMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
  { everyMs = POLL_MS, signal }: { readonly everyMs?: number; readonly signal?: AbortSignal } = {},
): Promise<T> {
  const deadlineMs = monotonicMs() + limitMs;
  for (;;) {
    signal?.throwIfAborted();
    let failure = '';
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      failure = `; last: ${describeError(error)}`;
    }
    if (monotonicMs() > deadlineMs) throw new Error(`not within ${limitMs} ms: ${what}${failure}`);
    await sleep(everyMs, signal);
  }
}

/** As `eventually`, for a condition. */
export async function until(
  what: string,
  limitMs: number,
  holds: () => Promise<boolean> | boolean,
): Promise<void> {
  await eventually(what, limitMs, async () => ((await holds()) ? true : undefined));
}

/**
 * Whether it holds within `limitMs`, asked every `everyMs`; false at once when the signal aborts. What `holds`
 * throws is thrown.
 */
export async function holdsWithin(
  limitMs: number,
  everyMs: number,
  holds: () => Promise<boolean> | boolean,
  signal: AbortSignal = new AbortController().signal,
): Promise<boolean> {
  const deadlineMs = monotonicMs() + limitMs;
  while (!(await holds())) {
    if (monotonicMs() > deadlineMs || !(await pause(everyMs, signal))) return false;
  }
  return true;
}
