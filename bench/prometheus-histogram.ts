/** Quantiles of a period from two scrapes of a Prometheus histogram. */

/** Cumulative, in the order of `le`; the last one is +Inf. */
export type Bucket = { readonly le: number; readonly count: number };

/** The buckets of the histogram `name` in the text of a scrape. Throws when it is not there. */
export function bucketsOf(text: string, name: string): Bucket[] {
  const buckets = text.split('\n').flatMap((line) => {
    const found = /^(\w+)_bucket\{(?:[^}]*,)?le="([^"]+)"[^}]*\} (\d+)$/.exec(line);
    if (found === null || found[1] !== name) return [];
    return [
      { le: found[2] === '+Inf' ? Number.POSITIVE_INFINITY : Number(found[2]), count: Number(found[3]) },
    ];
  });
  if (buckets.length === 0) throw new Error(`there is no histogram ${name}`);
  return buckets.sort((a, b) => a.le - b.le);
}

/** What was counted between two scrapes. */
export function since(before: readonly Bucket[], after: readonly Bucket[]): Bucket[] {
  return after.map(({ le, count }, index) => ({ le, count: count - (before[index]?.count ?? 0) }));
}

/**
 * Where the fraction `q` of the values lies, in the histogram's unit: between the bounds of the bucket as many of it
 * are below, as Prometheus' histogram_quantile does. NaN: there are none. Beyond the last bound it is that bound.
 */
export function quantile(buckets: readonly Bucket[], q: number): number {
  const rank = q * (buckets.at(-1)?.count ?? 0);
  let below: Bucket = { le: 0, count: 0 };
  for (const bucket of buckets) {
    if (bucket.count >= rank && bucket.count > 0) {
      if (bucket.le === Number.POSITIVE_INFINITY) return below.le;
      return below.le + ((bucket.le - below.le) * (rank - below.count)) / (bucket.count - below.count);
    }
    below = bucket;
  }
  return Number.NaN;
}
