/** The only place of the dashboard that reads the clock or sets a timer. */

/** Wall clock, Unix milliseconds: for axes and labels only, it may differ from the server's. */
export function wallMs(): number {
  return Date.now();
}

/** Monotonic milliseconds since the page began to load, for ages and deadlines. */
export function monotonicMs(): number {
  return performance.now();
}

/** Calls `fire` once after `ms`; returns the cancellation. */
export function after(ms: number, fire: () => void): () => void {
  const timer = setTimeout(fire, ms);
  return () => clearTimeout(timer);
}

/** Calls `tick` every `ms` until the returned cancellation is called. */
export function every(ms: number, tick: () => void): () => void {
  const timer = setInterval(tick, ms);
  return () => clearInterval(timer);
}
