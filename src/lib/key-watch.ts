/**
 * An etcd watch on one key that no single member can blind.
 *
 * It goes to the nearest member and moves on to the next when it breaks. A frozen member neither sends nor
 * closes: the watch also moves on when that member fails a read, or when a read finds a change that the watch
 * has not told.
 */
import { monotonicMs, pause } from './clock.ts';
import type { Etcd } from './etcd.ts';

/** A watch that has not told of a change so long after a read has found it is blind. */
const GRACE_MS = 250;
/** Between two rounds over members that all refuse the watch. */
const ROUND_PAUSE_MS = 100;

type Open = { readonly endpoint: string; readonly moveOn: AbortController; toldMs: number };

export class KeyWatch {
  readonly #etcd: Etcd;
  readonly #endpoints: readonly string[];
  readonly #key: string;
  readonly #onTold: () => void;
  #open: Open | null = null;

  /** `onTold` is called for every change, and when a watch has begun at a member. */
  constructor(etcd: Etcd, endpoints: readonly string[], key: string, onTold: () => void) {
    this.#etcd = etcd;
    this.#endpoints = endpoints;
    this.#key = key;
    this.#onTold = onTold;
  }

  /** Resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      for (const endpoint of this.#endpoints.filter((member) => !this.#etcd.isAiling(member))) {
        const open: Open = { endpoint, moveOn: new AbortController(), toldMs: Number.NEGATIVE_INFINITY };
        this.#open = open;
        const until = AbortSignal.any([signal, open.moveOn.signal]);
        await this.#etcd.watch(endpoint, this.#key, until, () => {
          open.toldMs = monotonicMs();
          this.#onTold();
        });
        if (signal.aborted) return;
      }
      await pause(ROUND_PAUSE_MS, signal);
    }
  }

  /** After every read, answered or not: what became of it may say that the watch's member is gone. */
  readEnded(): void {
    if (this.#open !== null && this.#etcd.isAiling(this.#open.endpoint)) this.#open.moveOn.abort();
  }

  /** A read has found a change: unless the watch tells it too, and soon, it is blind. */
  changeFound(signal: AbortSignal): void {
    const open = this.#open;
    const foundMs = monotonicMs();
    if (open === null || open.toldMs > foundMs - GRACE_MS) return;
    void pause(GRACE_MS, AbortSignal.any([signal, open.moveOn.signal])).then((waited) => {
      if (waited && open.toldMs < foundMs) open.moveOn.abort();
    });
  }
}
