/**
 * Holds work while there is no leader, instead of failing it. Pure: events and the time come in, what to
 * release and what to refuse come out. The five bounds are those of Vitess' buffer
 * (https://vitess.io/docs/reference/features/vtgate-buffering/).
 *
 * A failover begins when the record loses its leader or a connection to it fails. Work then queues in the order
 * of its arrival. Once a leader is on record one piece of work is released as a probe; when the probe finds a
 * server that takes writes, what was held drains with bounded concurrency, and then everything flows again. A
 * probe that fails is repeated after a short backoff: a promoted server lets clients in some milliseconds after
 * the record names it. While the leader serves, the same queue is the wait for a free connection.
 */
import { type Backoff, backoffMs } from './backoff.ts';

export type HoldBounds = {
  /** A piece of work waits at most this long, counted from its arrival. */
  readonly windowMs: number;
  /** When one of the two is exceeded the oldest work is refused. */
  readonly maxItems: number;
  readonly maxBytes: number;
  /** A failover that lasts longer is an outage: nothing is held any more until there is a leader again. */
  readonly maxFailoverMs: number;
  /** A leader that is lost sooner after the last failover's end flaps: that is not held. */
  readonly minBetweenFailoversMs: number;
  /** Held work in flight at once when the leader is back. */
  readonly drainConcurrency: number;
  /** Work in flight at once otherwise: the number of connections. */
  readonly maxInFlight: number;
};

export type Refusal = 'size' | 'window' | 'duration' | 'flapping' | 'closed';

export type Ticket<T> = {
  readonly work: T;
  readonly bytes: number;
  readonly seq: number;
  readonly arrivedMs: number;
  held: boolean;
};

export type Step<T> =
  /** Run it, and report `done` or `failed` with the generation; a probe also reports `proven`. */
  | {
      readonly kind: 'release';
      readonly ticket: Ticket<T>;
      readonly generation: number;
      readonly probe: boolean;
    }
  | { readonly kind: 'refuse'; readonly ticket: Ticket<T>; readonly reason: Refusal };

type Phase =
  | { readonly kind: 'serving'; readonly endedMs: number }
  /** Nothing is released before `retryAtMs`, nor without a leader. */
  | {
      readonly kind: 'holding';
      readonly sinceMs: number;
      readonly failures: number;
      readonly retryAtMs: number;
    }
  | { readonly kind: 'probing'; readonly sinceMs: number; readonly failures: number }
  /** Until all that arrived up to `lastSeq` is released. */
  | { readonly kind: 'draining'; readonly sinceMs: number; readonly lastSeq: number }
  | { readonly kind: 'refusing'; readonly reason: Refusal; readonly probeInFlight: boolean };

/** Work that waited for a leader, that ran again after its connection failed, that was given up. */
export type HoldCounters = { held: number; failedOver: number; refused: Record<Refusal, number> };

const PROBE_BACKOFF: Backoff = { firstMs: 10, maxMs: 50 };

export class Hold<T> {
  readonly counters: HoldCounters = {
    held: 0,
    failedOver: 0,
    refused: { size: 0, window: 0, duration: 0, flapping: 0, closed: 0 },
  };
  readonly #bounds: HoldBounds;
  /** By arrival. */
  readonly #queue: Ticket<T>[] = [];
  #phase: Phase;
  #bytes = 0;
  #leader = false;
  /** Counts leaders: what was released to an earlier one says nothing of this one. */
  #generation = 0;
  #inFlight = 0;
  #lastSeq = 0;

  /** Begins without a leader. */
  constructor(bounds: HoldBounds, nowMs: number) {
    this.#bounds = bounds;
    this.#phase = { kind: 'holding', sinceMs: nowMs, failures: 0, retryAtMs: nowMs };
  }

  get phase(): Phase['kind'] {
    return this.#phase.kind;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  get waitingBytes(): number {
    return this.#bytes;
  }

  /** When `tick` has something to do, if nothing else happens before; infinite when never. */
  get nextTickMs(): number {
    const phase = this.#phase;
    const [oldest] = this.#queue;
    if (oldest === undefined) return Number.POSITIVE_INFINITY;
    const window = oldest.arrivedMs + this.#bounds.windowMs;
    if (phase.kind === 'serving' || phase.kind === 'draining' || phase.kind === 'refusing') return window;
    const duration = phase.sinceMs + this.#bounds.maxFailoverMs;
    const retry = phase.kind === 'holding' && this.#leader ? phase.retryAtMs : Number.POSITIVE_INFINITY;
    return Math.min(window, duration, retry);
  }

  /** The record names another leader, or none. */
  leaderChanged(present: boolean, nowMs: number): Step<T>[] {
    this.#leader = present;
    this.#generation++;
    this.#inFlight = 0;
    const phase = this.#phase;
    const flaps =
      !present && phase.kind === 'serving' && nowMs - phase.endedMs < this.#bounds.minBetweenFailoversMs;
    if (flaps) return this.#refuseAll('flapping');
    if (phase.kind === 'refusing' && !present) return [];
    const sinceMs = phase.kind === 'serving' || phase.kind === 'refusing' ? nowMs : phase.sinceMs;
    this.#hold({ kind: 'holding', sinceMs, failures: 0, retryAtMs: nowMs });
    return this.#pump(nowMs);
  }

  add(work: T, bytes: number, nowMs: number): Step<T>[] {
    const ticket: Ticket<T> = { work, bytes, seq: ++this.#lastSeq, arrivedMs: nowMs, held: false };
    if (bytes > this.#bounds.maxBytes) return [this.#refuse(ticket, 'size')];
    const phase = this.#phase;
    if (phase.kind === 'refusing') {
      if (!this.#leader || phase.probeInFlight) return [this.#refuse(ticket, phase.reason)];
      this.#phase = { ...phase, probeInFlight: true };
      return [this.#release(ticket, true)];
    }
    const quiet = phase.kind === 'holding' && this.#leader && this.#queue.length === 0;
    // Nobody has asked since the last failure: whether that failover has ended is not known.
    if (quiet && nowMs >= phase.retryAtMs) this.#phase = { ...phase, sinceMs: nowMs };
    const steps = [...this.#enqueue(ticket), ...this.#pump(nowMs)];
    if (this.#phase.kind !== 'serving' && this.#queue.includes(ticket)) this.#markHeld(ticket);
    return steps;
  }

  /** The probe has found a server that takes writes. */
  proven(generation: number, nowMs: number): Step<T>[] {
    if (generation !== this.#generation) return [];
    const phase = this.#phase;
    if (phase.kind === 'probing') {
      this.#phase = { kind: 'draining', sinceMs: phase.sinceMs, lastSeq: this.#lastSeq };
    } else if (phase.kind === 'refusing') {
      this.#phase = { kind: 'serving', endedMs: nowMs };
    }
    return this.#pump(nowMs);
  }

  /** The work has ended, well or with an error of its own. */
  done(generation: number, nowMs: number): Step<T>[] {
    if (generation === this.#generation) this.#inFlight--;
    return this.#pump(nowMs);
  }

  /** Its connection failed: the work runs again, in its old place, unless its window is over. */
  failed(ticket: Ticket<T>, generation: number, nowMs: number): Step<T>[] {
    if (generation === this.#generation) {
      this.#inFlight--;
      this.#noteFailure(nowMs);
    }
    if (this.#phase.kind === 'refusing') return [this.#refuse(ticket, this.#phase.reason)];
    this.counters.failedOver++;
    this.#markHeld(ticket);
    return [...this.#enqueue(ticket), ...this.#pump(nowMs)];
  }

  tick(nowMs: number): Step<T>[] {
    return this.#pump(nowMs);
  }

  close(): Step<T>[] {
    this.#leader = false;
    this.#generation++;
    return this.#refuseAll('closed');
  }

  #noteFailure(nowMs: number): void {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'serving':
      case 'draining':
      case 'probing': {
        const failures = phase.kind === 'probing' ? phase.failures + 1 : 1;
        const sinceMs = phase.kind === 'serving' ? nowMs : phase.sinceMs;
        const retryAtMs = nowMs + backoffMs(PROBE_BACKOFF, failures - 1);
        this.#hold({ kind: 'holding', sinceMs, failures, retryAtMs });
        return;
      }
      case 'refusing':
        this.#phase = { ...phase, probeInFlight: false };
        return;
      case 'holding':
        // Another piece of work of the time before the failover.
        return;
      default:
        phase satisfies never;
    }
  }

  #hold(phase: Phase & { kind: 'holding' }): void {
    this.#phase = phase;
    for (const ticket of this.#queue) this.#markHeld(ticket);
  }

  #markHeld(ticket: Ticket<T>): void {
    if (ticket.held) return;
    ticket.held = true;
    this.counters.held++;
  }

  /** By arrival, and within the bounds of size: the oldest makes room. */
  #enqueue(ticket: Ticket<T>): Step<T>[] {
    const queue = this.#queue;
    let place = queue.length;
    while (place > 0 && (queue[place - 1]?.seq ?? 0) > ticket.seq) place--;
    queue.splice(place, 0, ticket);
    this.#bytes += ticket.bytes;
    const steps: Step<T>[] = [];
    while (queue.length > this.#bounds.maxItems || this.#bytes > this.#bounds.maxBytes) {
      steps.push(this.#refuse(this.#shift(), 'size'));
    }
    return steps;
  }

  #shift(): Ticket<T> {
    const ticket = this.#queue.shift();
    if (ticket === undefined) throw new Error('nothing is queued');
    this.#bytes -= ticket.bytes;
    return ticket;
  }

  #refuse(ticket: Ticket<T>, reason: Refusal): Step<T> {
    this.counters.refused[reason]++;
    return { kind: 'refuse', ticket, reason };
  }

  #refuseAll(reason: Refusal): Step<T>[] {
    this.#phase = { kind: 'refusing', reason, probeInFlight: this.#phase.kind === 'probing' };
    const steps: Step<T>[] = [];
    while (this.#queue.length > 0) steps.push(this.#refuse(this.#shift(), reason));
    return steps;
  }

  #release(ticket: Ticket<T>, probe: boolean): Step<T> {
    this.#inFlight++;
    return { kind: 'release', ticket, generation: this.#generation, probe };
  }

  #pump(nowMs: number): Step<T>[] {
    const steps: Step<T>[] = [];
    while (nowMs - (this.#queue[0]?.arrivedMs ?? nowMs) >= this.#bounds.windowMs) {
      steps.push(this.#refuse(this.#shift(), 'window'));
    }
    const phase = this.#phase;
    if (phase.kind === 'holding' || phase.kind === 'probing') steps.push(...this.#probe(phase, nowMs));
    if (this.#phase.kind === 'draining') steps.push(...this.#drain(this.#phase.lastSeq, nowMs));
    if (this.#phase.kind === 'serving') steps.push(...this.#releaseUpTo(this.#bounds.maxInFlight));
    return steps;
  }

  #probe(phase: Phase & { kind: 'holding' | 'probing' }, nowMs: number): Step<T>[] {
    if (this.#queue.length === 0) return [];
    if (nowMs - phase.sinceMs >= this.#bounds.maxFailoverMs) return this.#refuseAll('duration');
    if (phase.kind === 'probing' || !this.#leader || nowMs < phase.retryAtMs) return [];
    this.#phase = { kind: 'probing', sinceMs: phase.sinceMs, failures: phase.failures };
    return [this.#release(this.#shift(), true)];
  }

  #drain(lastSeq: number, nowMs: number): Step<T>[] {
    const isHeld = (ticket: Ticket<T>): boolean => ticket.seq <= lastSeq;
    const limit = Math.min(this.#bounds.drainConcurrency, this.#bounds.maxInFlight);
    const steps = this.#releaseUpTo(limit, isHeld);
    const [next] = this.#queue;
    if (next === undefined || !isHeld(next)) this.#phase = { kind: 'serving', endedMs: nowMs };
    return steps;
  }

  #releaseUpTo(limit: number, which: (ticket: Ticket<T>) => boolean = () => true): Step<T>[] {
    const steps: Step<T>[] = [];
    for (
      let [next] = this.#queue;
      next !== undefined && this.#inFlight < limit && which(next);
      [next] = this.#queue
    ) {
      steps.push(this.#release(this.#shift(), false));
    }
    return steps;
  }
}
