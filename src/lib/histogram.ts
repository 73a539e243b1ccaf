/**
 * Latency histogram with logarithmic buckets, every value counted: 64 buckets to a power of two keep the
 * relative error below 1.6 %, as HdrHistogram does with two significant digits (Gil Tene, hdrhistogram.org).
 */

const SUB_BITS = 6;
const SUB_BUCKETS = 2 ** SUB_BITS;
const BUCKETS = SUB_BUCKETS * (32 - SUB_BITS);

export type Quantiles = { readonly p50Ms: number; readonly p99Ms: number; readonly maxMs: number };

export class Histogram {
  readonly counts: Uint32Array;
  count = 0;
  maxUs = 0;

  constructor(counts: Uint32Array = new Uint32Array(BUCKETS)) {
    if (counts.length !== BUCKETS) throw new RangeError(`a histogram has ${BUCKETS} buckets`);
    this.counts = counts;
  }

  /** Counts one duration; negative ones count as 0, those over 35 minutes as 35 minutes. */
  record(milliseconds: number): void {
    const us = Math.min(Math.max(Math.round(milliseconds * 1000), 0), 2 ** 31 - 1);
    const bucket = bucketOf(us);
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.count++;
    if (us > this.maxUs) this.maxUs = us;
  }

  add(counts: ArrayLike<number>, maxUs: number): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const more = counts[bucket] ?? 0;
      this.counts[bucket] = (this.counts[bucket] ?? 0) + more;
      this.count += more;
    }
    this.maxUs = Math.max(this.maxUs, maxUs);
  }

  /** Milliseconds below or at which the fraction `q` of the values lies (upper edge of the bucket). */
  quantileMs(q: number): number {
    if (this.count === 0) return Number.NaN;
    const rank = Math.ceil(q * this.count);
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.counts[bucket] ?? 0;
      if (seen >= rank) return Math.min(upperEdgeUs(bucket), this.maxUs) / 1000;
    }
    return this.maxUs / 1000;
  }

  quantiles(): Quantiles {
    return {
      p50Ms: this.quantileMs(0.5),
      p99Ms: this.quantileMs(0.99),
      maxMs: this.count === 0 ? Number.NaN : this.maxUs / 1000,
    };
  }
}

function bucketOf(us: number): number {
  if (us < SUB_BUCKETS) return us;
  const exponent = 31 - Math.clz32(us) - SUB_BITS;
  return exponent * SUB_BUCKETS + (us >>> exponent);
}

function upperEdgeUs(bucket: number): number {
  if (bucket < 2 * SUB_BUCKETS) return bucket;
  const exponent = Math.floor(bucket / SUB_BUCKETS) - 1;
  return ((bucket % SUB_BUCKETS) + SUB_BUCKETS + 1) * 2 ** exponent - 1;
}
