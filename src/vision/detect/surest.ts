/** Of looks at the same thing one is kept. Pure. */

/** Each thing once, the surest first: what is the same as something surer is left out. */
export function surest<T>(
  all: readonly T[],
  sureness: (one: T) => number,
  isSame: (one: T, surer: T) => boolean,
): T[] {
  const kept: T[] = [];
  for (const one of [...all].sort((a, b) => sureness(b) - sureness(a))) {
    if (!kept.some((surer) => isSame(one, surer))) kept.push(one);
  }
  return kept;
}
