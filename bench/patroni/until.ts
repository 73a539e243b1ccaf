/** Waiting with a deadline that names what was waited for. */
import { monotonicMs, sleep } from '../../src/lib/clock.ts';
import { describeError } from '../../src/lib/errors.ts';

const LOOK_EVERY_MS = 50;

/**
 * Looks until `look` gives something; what it throws counts as "not yet" and is told when time is up.
 * Throws with the signal's reason when it aborts.
 */
export async function until<T>(
  what: string,
  limitMs: number,
  signal: AbortSignal,
  look: () => Promise<T | null> | T | null,
): Promise<T> {
  const giveUpMs = monotonicMs() + limitMs;
  let last = '';
  for (;;) {
    signal.throwIfAborted();
    try {
      const found = await look();
      if (found !== null) return found;
    } catch (error) {
      last = `; last: ${describeError(error)}`;
    }
    if (monotonicMs() > giveUpMs) throw new Error(`waited ${limitMs / 1000} s in vain until ${what}${last}`);
    await sleep(LOOK_EVERY_MS, signal);
  }
}
