/** Pairs each of some with one of others at most. Pure. */

/** The best fits first. `misfit`: smaller is better; null: these two are no pair. */
export function bestPairs<A, B>(
  some: readonly A[],
  others: readonly B[],
  misfit: (one: A, other: B) => number | null,
): Map<A, B> {
  const fits = some.flatMap((one) =>
    others.flatMap((other) => {
      const by = misfit(one, other);
      return by === null ? [] : [{ one, other, by }];
    }),
  );
  const pairs = new Map<A, B>();
  const taken = new Set<B>();
  for (const { one, other } of fits.sort((a, b) => a.by - b.by)) {
    if (pairs.has(one) || taken.has(other)) continue;
    pairs.set(one, other);
    taken.add(other);
  }
  return pairs;
}
