const FIRST_MS = 500;
const LIMIT_MS = 5000;

/**
 * Wait before reconnect number `attempt` (0-based): doubles from 0.5 s to 5 s, and the upper half is random
 * (`fraction` in [0, 1)), so that browsers which lost the same server do not come back in step.
 */
export function backoffMs(attempt: number, fraction: number): number {
  const ceiling = Math.min(LIMIT_MS, FIRST_MS * 2 ** Math.min(attempt, 10));
  return ceiling / 2 + (ceiling / 2) * fraction;
}
