/**
 * How long the peer has been silent, in time that this agent was itself awake: an observer that was paused,
 * or starved of the processor, starts counting afresh instead of accusing the other (failover.md, takeover 1).
 */
import type { SeenHeartbeat } from '../lib/cluster.ts';
import type { PeerView } from './types.ts';

/** A look that comes this much later than the last one was late: we were not watching in between. */
const LATE_LOOK_MS = 400;
/** A peer that has not been seen serving is given this long to start before it counts as missing. */
const START_GRACE_MS = 15_000;

export class PeerWatch {
  readonly #startedMs: number;
  #lookedMs: number;
  #countFromMs: number;
  #unreachableSinceMs: number | null = null;
  /** What stood in etcd when we began to watch: it may be of an earlier life of the peer. */
  #first: SeenHeartbeat | undefined;
  #served = false;

  constructor(nowMs: number) {
    this.#startedMs = nowMs;
    this.#lookedMs = nowMs;
    this.#countFromMs = nowMs;
  }

  /** `lookedMs`: when etcd last answered us; without its answers we know nothing of the peer. */
  look(
    nowMs: number,
    etcdAnsweredMs: number,
    seen: SeenHeartbeat | undefined,
    provenDead: boolean,
  ): PeerView {
    if (nowMs - this.#lookedMs > LATE_LOOK_MS || nowMs - etcdAnsweredMs > LATE_LOOK_MS)
      this.#countFromMs = nowMs;
    this.#lookedMs = nowMs;
    this.#first ??= seen;
    const postgres = seen === this.#first ? null : (seen?.heartbeat.postgres?.state ?? null);
    if (postgres === 'primary') this.#served = true;
    if (postgres !== 'unreachable') this.#unreachableSinceMs = null;
    else this.#unreachableSinceMs ??= nowMs;
    const heardMs = Math.max(seen?.seenMs ?? this.#startedMs, this.#countFromMs);
    const unreachableFromMs = Math.max(this.#unreachableSinceMs ?? nowMs, this.#countFromMs);
    return {
      silentMs: Math.max(0, nowMs - heardMs),
      provenDead,
      postgres,
      unreachableMs: nowMs - unreachableFromMs,
      canarySilentMs: silentCanaryMs(seen === this.#first ? undefined : seen, nowMs - this.#countFromMs),
      expectedUp: this.#served || nowMs - this.#startedMs > START_GRACE_MS,
    };
  }
}

/** What the peer says of its canary, as far as this agent was awake for it. */
function silentCanaryMs(seen: SeenHeartbeat | undefined, awakeMs: number): number {
  return Math.min(seen?.heartbeat.canarySilentMs ?? 0, awakeMs);
}
