/** The only place of the dashboard that draws randomness: a fraction in [0, 1) for jitter. */
export function randomFraction(): number {
  return Math.random();
}
