/**
 * A circuit breaker: after failures in a row nobody waits for a service that is away, until one try has shown that it is
 * back. Time is an input. Pure.
 */

const FAILURES = 3;
const OPEN_MS = 30_000;

export type BreakerState = 'closed' | 'open' | 'half-open';

export class Breaker {
  #failures = 0;
  #openedMs: number | null = null;
  #probing = false;

  state(nowMs: number): BreakerState {
    if (this.#openedMs === null) return 'closed';
    return nowMs - this.#openedMs >= OPEN_MS ? 'half-open' : 'open';
  }

  /** Whether a call may be made now; half open, the first that asks is the try. */
  admits(nowMs: number): boolean {
    const state = this.state(nowMs);
    if (state === 'closed') return true;
    if (state === 'open' || this.#probing) return false;
    this.#probing = true;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#openedMs = null;
    this.#probing = false;
  }

  failed(nowMs: number): void {
    this.#failures += 1;
    this.#probing = false;
    if (this.#failures >= FAILURES) this.#openedMs = nowMs;
  }

  /** The call was given up by who asked: it says nothing of the service. */
  abandoned(): void {
    this.#probing = false;
  }
}
