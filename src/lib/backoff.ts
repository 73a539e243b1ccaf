/** Restart and reconnect delays: doubling from a first value to a bound. */

export type Backoff = { readonly firstMs: number; readonly maxMs: number };

/** What has run for this long starts its backoff from the beginning. */
const STABLE_MS = 10_000;

/** The delays of something that is started again whenever it has ended. */
export class RestartBackoff {
  readonly #backoff: Backoff;
  #attempt = 0;

  constructor(backoff: Backoff) {
    this.#backoff = backoff;
  }

  /** Delay before the next start, after a life of `livedMs`. */
  delayMs(livedMs: number): number {
    if (livedMs > STABLE_MS) this.#attempt = 0;
    return backoffMs(this.#backoff, this.#attempt++);
  }
}

/** Delay before attempt `attempt` (0-based). */
export function backoffMs({ firstMs, maxMs }: Backoff, attempt: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 20));
}
