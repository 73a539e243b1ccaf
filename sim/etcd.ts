/**
 * etcd as its clients see it: three members, one linearizable store. A request may wait at its member (no
 * majority, a stopped process, a slow disk) and happen after its client has given up; a reply may be lost.
 */
import type { ClusterRecord, Heartbeat, Intent, Pause } from '../src/lib/cluster.ts';
import { MEMBERS, type Member } from '../src/lib/topology.ts';
import { type Procedure, StepFailed, TICK_MS, type World } from './world.ts';

/** As src/agent/run.ts. */
const DEADLINE_MS = 500;
/** etcd gives up a proposal after this: election timeout and twice the request's share. */
const PROPOSAL_LIMIT_MS = 7_000;

export type Stored = {
  record: ClusterRecord | null;
  revision: number;
  intent: Intent | null;
  pause: Pause | null;
  outcome: string | null;
  readonly heartbeats: Map<Member, Heartbeat>;
};

type Request = {
  readonly client: Member;
  readonly member: Member;
  readonly dueMs: number;
  readonly work: () => unknown;
  /** null until it has happened; undefined value when the reply never arrives. */
  reply: { readonly arrivesMs: number; readonly value: unknown } | null;
};

export class Etcd {
  readonly #world: World;
  readonly stored: Stored = {
    record: null,
    revision: 0,
    intent: null,
    pause: null,
    outcome: null,
    heartbeats: new Map(),
  };
  readonly #down = new Map<Member, number>();
  readonly #frozen = new Map<Member, number>();
  #revision = 0;
  #waiting: Request[] = [];
  #onRecord: (before: ClusterRecord | null, after: ClusterRecord) => void = () => {};

  constructor(world: World) {
    this.#world = world;
  }

  /** Called after every change of the record. */
  onRecord(listener: (before: ClusterRecord | null, after: ClusterRecord) => void): void {
    this.#onRecord = listener;
  }

  /** Counted, so that faults may overlap. */
  stop(member: Member, by: 1 | -1): void {
    this.#down.set(member, (this.#down.get(member) ?? 0) + by);
    if (this.#isDown(member)) this.#waiting = this.#waiting.filter((request) => request.member !== member);
  }

  freeze(member: Member, by: 1 | -1): void {
    this.#frozen.set(member, (this.#frozen.get(member) ?? 0) + by);
  }

  tick(): void {
    const { nowMs } = this.#world;
    const due = this.#waiting.filter(({ dueMs }) => dueMs <= nowMs);
    if (due.length === 0) return;
    this.#waiting = this.#waiting.filter(({ dueMs }) => dueMs > nowMs);
    for (const request of due) {
      if (this.#commits(request.member)) this.#perform(request);
      else if (nowMs - request.dueMs < PROPOSAL_LIMIT_MS) this.#waiting.push(request);
    }
  }

  /** Asks the region's own member first; the next one after a failure, or with `once` only after a refusal. */
  *call<T>(client: Member, once: boolean, work: () => T): Procedure<T> {
    for (const member of [client, ...MEMBERS.filter((other) => other !== client)]) {
      if (this.#isDown(member) && this.#world.network.talks(client, member)) {
        yield TICK_MS;
        continue;
      }
      const reply = yield* this.#ask(client, member, once ? this.#world.lateWritesMs : 0, work);
      if (reply !== null) return reply.value;
      if (once) break;
    }
    throw new StepFailed('etcd does not answer');
  }

  /** Revision 0 means: does not exist. */
  compareAndSet(revision: number, record: ClusterRecord): boolean {
    if (this.stored.revision !== revision) return false;
    this.overwrite(record);
    return true;
  }

  overwrite(record: ClusterRecord): void {
    const before = this.stored.record;
    this.stored.record = record;
    this.stored.revision = ++this.#revision;
    this.#world.record = record;
    this.#onRecord(before, record);
  }

  *#ask<T>(
    client: Member,
    member: Member,
    lateMs: number,
    work: () => T,
  ): Procedure<{ readonly value: T } | null> {
    const world = this.#world;
    const deadlineMs = world.nowMs + DEADLINE_MS;
    let result: { readonly value: T } | null = null;
    const request: Request = {
      client,
      member,
      dueMs: world.nowMs + world.delayMs(world.etcdDelayMs) + world.delayMs(lateMs),
      work: () => {
        result = { value: work() };
      },
      reply: null,
    };
    if (world.network.reaches(client, member) && !this.#isDown(member)) this.#waiting.push(request);
    while (world.nowMs < deadlineMs) {
      yield TICK_MS;
      if (request.reply !== null && request.reply.arrivesMs <= world.nowMs) return result;
    }
    return null;
  }

  #perform(request: Request): void {
    const { nowMs, network, etcdDelayMs, lostReplies } = this.#world;
    request.work();
    const lost = !network.reaches(request.member, request.client) || this.#world.chance(lostReplies);
    if (!lost) request.reply = { arrivesMs: nowMs + this.#world.delayMs(etcdDelayMs), value: null };
  }

  #isDown(member: Member): boolean {
    return (this.#down.get(member) ?? 0) > 0;
  }

  #lives(member: Member): boolean {
    return !this.#isDown(member) && (this.#frozen.get(member) ?? 0) === 0;
  }

  /** A member commits when it is the leader's or talks to it, and the leader talks to a majority. */
  #commits(member: Member): boolean {
    if (!this.#lives(member)) return false;
    const others = MEMBERS.filter((other) => other !== member);
    return others.some((other) => this.#lives(other) && this.#world.network.talks(member, other));
  }
}
