/** Restart and reconnect delays: doubling from a first value to a bound. */

export type Backoff = { readonly firstMs: number; readonly maxMs: number };

/** Delay before attempt `attempt` (0-based). */
export function backoffMs({ firstMs, maxMs }: Backoff, attempt: number): number {
  return Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 20));
}
