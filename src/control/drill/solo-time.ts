import { monotonicMs } from '../../lib/clock.ts';
import type { ClusterRecord } from '../../lib/cluster.ts';

/** Milliseconds that the record said solo, counted while it is watched. */
export class SoloTime {
  #sinceMs: number | null = null;
  #totalMs = 0;

  look({ mode, phase }: ClusterRecord): void {
    const alone = mode === 'solo' && phase !== 'bootstrapping';
    if (alone) this.#sinceMs ??= monotonicMs();
    else this.end();
  }

  end(): number {
    if (this.#sinceMs !== null) this.#totalMs += monotonicMs() - this.#sinceMs;
    this.#sinceMs = null;
    return this.#totalMs;
  }
}
