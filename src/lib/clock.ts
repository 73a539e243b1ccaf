/** The only place that reads the clock or sets a timer. */
import { setTimeout as sleepFor } from 'node:timers/promises';

/** Wall clock, Unix milliseconds. Never compared across machines for safety. */
export function wallMs(): number {
  return Date.now();
}

/** Monotonic milliseconds with fractions, for durations and deadlines. */
export function monotonicMs(): number {
  return performance.now();
}

/** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
export async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  await sleepFor(ms, undefined, signal === undefined ? {} : { signal });
}

/** As `sleep`, but returns false instead of rejecting when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await sleepFor(ms, undefined, { signal });
    return true;
  } catch (error) {
    if (signal.aborted) return false;
    throw error;
  }
}

/** Resolves when the signal aborts, at once if it has. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Calls `tick` every `ms` until the signal aborts. A tick that throws is the caller's bug and crashes. */
export function every(ms: number, signal: AbortSignal, tick: () => void): void {
  if (signal.aborted) return;
  const timer = setInterval(tick, ms);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}

/** Calls `fire` once after `ms`; returns the cancellation. */
export function after(ms: number, fire: () => void): () => void {
  const timer = setTimeout(fire, ms);
  return () => clearTimeout(timer);
}

/** A pause that can be ended early; one at a time. */
export class Nap {
  #end: () => void = () => {};

  take(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = after(ms, resolve);
      this.#end = () => {
        cancel();
        resolve();
      };
    });
  }

  end(): void {
    this.#end();
  }
}

/**
 * Rejects with `late`, or with an Error that says it, unless the promise settles within `ms`. The work itself is not
 * cancelled.
 */
export function within<T>(ms: number, late: string | (() => Error), work: Promise<T>): Promise<T> {
  // Thousands run a second: a race would make three more promises for each.
  return new Promise<T>((resolve, reject) => {
    const cancel = after(ms, () => reject(typeof late === 'string' ? new Error(late) : late()));
    work.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error);
      },
    );
  });
}
