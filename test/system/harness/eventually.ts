/** Waiting for a condition with a bound: the only way system tests wait. */
import { monotonicMs, sleep } from '../../../src/lib/clock.ts';
import { describeError } from '../../../src/lib/errors.ts';

const POLL_MS = 50;

/**
 * Resolves with the first value of `probe` that is not undefined, asking every 50 ms.
 * Throws after `limitMs` with `what` and with what the last attempt threw, if it did.
 */
export async function eventually<T>(
  what: string,
  limitMs: number,
  probe: () => Promise<T | undefined> | T | undefined,
): Promise<T> {
  const deadlineMs = monotonicMs() + limitMs;
  for (;;) {
    let failure = '';
    try {
      const value = await probe();
      if (value !== undefined) return value;
    } catch (error) {
      failure = `; last: ${describeError(error)}`;
    }
    if (monotonicMs() > deadlineMs) throw new Error(`not within ${limitMs} ms: ${what}${failure}`);
    await sleep(POLL_MS);
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
