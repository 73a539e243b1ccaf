/** What every model of the simulation shares: time, chance, the network, the ledger and the transcript. */
import type { ClusterRecord } from '../src/lib/cluster.ts';
import { Random } from '../src/lib/random.ts';
import type { DataRegion, Member } from '../src/lib/topology.ts';

export const TICK_MS = 10;

/** A process as a generator: it yields the milliseconds that it sleeps, and may be killed at every yield. */
export type Procedure<T> = Generator<number, T, void>;

/** An action or a call failed, or its outcome is unknown: what production throws, agents expect. */
export class StepFailed extends Error {
  /** Thrown too often for a stack. */
  constructor(message: string) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message);
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The simulated system broke a promise. */
export class Violation extends Error {}

/** Directed cuts between regions, counted so that faults may overlap. Within a region nothing is cut. */
class Network {
  readonly #cuts = new Map<string, number>();

  cut(from: Member, to: Member): void {
    this.#change(`${from}>${to}`, 1);
  }

  heal(from: Member, to: Member): void {
    this.#change(`${from}>${to}`, -1);
  }

  reaches(from: Member, to: Member): boolean {
    return from === to || (this.#cuts.get(`${from}>${to}`) ?? 0) === 0;
  }

  talks(one: Member, other: Member): boolean {
    return this.reaches(one, other) && this.reaches(other, one);
  }

  #change(path: string, by: number): void {
    this.#cuts.set(path, (this.#cuts.get(path) ?? 0) + by);
  }
}

export class World {
  nowMs = 0;
  readonly random: Random;
  readonly network = new Network();
  /** One-way delay of the WAL stream between the data regions. */
  walDelayMs: number;
  /** Upper bound of a request's or reply's way to and from etcd. */
  etcdDelayMs = 10;
  /** Chance that a reply of etcd is lost after the request has happened. */
  lostReplies = 0;
  /** Up to this long a write of the record may be under way, past the patience of whoever sent it. */
  lateWritesMs = 0;
  /** Keys of acknowledged writes: they may never be missing again. */
  readonly acknowledged = new Set<number>();
  /** The record as etcd has it now, which no agent can know for certain. */
  record: ClusterRecord | null = null;
  /** When the record last named each region leader; null when it never has. */
  readonly lastLedMs: Record<DataRegion, number | null> = { region1: null, region2: null };
  readonly transcript: string[] | null;
  #entries = 0;

  constructor(seed: number, keepsTranscript: boolean) {
    this.random = new Random(seed);
    this.walDelayMs = this.random.int(4) * TICK_MS;
    this.transcript = keepsTranscript ? [] : null;
  }

  /** A number that no WAL entry had before. */
  nextEntry(): number {
    return ++this.#entries;
  }

  note(who: string, text: string): void {
    this.transcript?.push(`${(this.nowMs / 1_000).toFixed(2).padStart(7)} ${who.padEnd(8)} ${text}`);
  }

  chance(probability: number): boolean {
    return this.random.float() < probability;
  }

  /** A whole number of ticks, 0 … about `highMs`. */
  delayMs(highMs: number): number {
    return this.random.int(Math.floor(highMs / TICK_MS) + 1) * TICK_MS;
  }
}

/** Runs a procedure: steps it whenever its sleep is over. */
export class Task {
  readonly #procedure: Procedure<unknown>;
  #wakeMs = 0;
  ended = false;

  constructor(procedure: Procedure<unknown>) {
    this.#procedure = procedure;
  }

  step(nowMs: number): void {
    if (this.ended || nowMs < this.#wakeMs) return;
    const { done, value } = this.#procedure.next();
    this.ended = done === true;
    if (done !== true) this.#wakeMs = nowMs + value;
  }
}
