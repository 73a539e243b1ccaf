/** What a generator counts while it is being measured: latencies, and acknowledgements by second. */
import { monotonicMs } from '../src/lib/clock.ts';
import { Histogram } from '../src/lib/histogram.ts';

/** A measured run is never longer than this. */
const MAX_SECONDS = 86_400;

export class Measurement {
  readonly histogram = new Histogram();
  readonly perSecond: number[] = [];
  #startMs = Number.POSITIVE_INFINITY;
  #endMs = Number.POSITIVE_INFINITY;

  /** Counting begins: what is acknowledged from now on belongs to the measurement. */
  begin(): void {
    this.#startMs = monotonicMs();
  }

  end(): void {
    this.#endMs = monotonicMs();
  }

  record(latencyMs: number): void {
    const now = monotonicMs();
    if (now < this.#startMs || now >= this.#endMs) return;
    this.histogram.record(latencyMs);
    const second = Math.min(Math.floor((now - this.#startMs) / 1000), MAX_SECONDS);
    this.perSecond[second] = (this.perSecond[second] ?? 0) + 1;
  }

  get seconds(): number {
    return (this.#endMs - this.#startMs) / 1000;
  }
}
