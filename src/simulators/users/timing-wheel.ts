/**
 * One alarm for each of many users under a single ticking timer: a hashed timing wheel (Varghese and Lauck, 1987,
 * scheme 6). Setting, moving and clearing an alarm take constant time.
 */

/** 51 s a turn at 50 ms a tick; alarms further away stay in their bucket for another turn. */
const BUCKETS = 1_024;
const NONE = -1;

export class TimingWheel {
  readonly #tickMs: number;
  readonly #buckets = Array.from({ length: BUCKETS }, () => new Set<number>());
  /** Tick in which each alarm is due. */
  readonly #due: Float64Array;
  #tick: number;

  /** For the ids 0 … `size` - 1. */
  constructor(size: number, tickMs: number, nowMs: number) {
    this.#tickMs = tickMs;
    this.#due = new Float64Array(size).fill(NONE);
    this.#tick = Math.floor(nowMs / tickMs);
  }

  /** Sets the one alarm of `id`, instead of the one it had: never early, and at the earliest at the next tick. */
  set(id: number, dueMs: number): void {
    this.clear(id);
    const tick = Math.max(Math.ceil(dueMs / this.#tickMs), this.#tick + 1);
    this.#due[id] = tick;
    this.#bucket(tick).add(id);
  }

  clear(id: number): void {
    const tick = this.#due[id] ?? NONE;
    if (tick === NONE) return;
    this.#bucket(tick).delete(id);
    this.#due[id] = NONE;
  }

  /** Rings every alarm that is due by now, in the order of their ticks; each is cleared before it rings. */
  advance(nowMs: number, ring: (id: number) => void): void {
    const last = Math.floor(nowMs / this.#tickMs);
    while (this.#tick < last) {
      this.#tick++;
      for (const id of [...this.#bucket(this.#tick)]) {
        // Another turn's, or moved by an alarm that has just rung.
        if (this.#due[id] !== this.#tick) continue;
        this.clear(id);
        ring(id);
      }
    }
  }

  #bucket(tick: number): Set<number> {
    const bucket = this.#buckets[tick % BUCKETS];
    if (bucket === undefined) throw new Error(`tick ${tick} has no bucket`);
    return bucket;
  }
}
