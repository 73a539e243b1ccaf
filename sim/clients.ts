/**
 * Clients write rows, each under a key of its own, until they are told that the row is committed: at the
 * leader that their view of the record names, which is fresh, late, or for some clients stuck at the leader
 * that they know until it hangs up.
 */
import type { ClusterRecord } from '../src/lib/cluster.ts';
import type { DataRegion, Member } from '../src/lib/topology.ts';
import type { Postgres } from './postgres.ts';
import { type Procedure, StepFailed, Task, TICK_MS, type World } from './world.ts';

const ANSWER_MS = 3_000;
const VIEW_MS = 100;

export class Client {
  readonly #world: World;
  readonly #servers: Readonly<Record<DataRegion, Postgres>>;
  readonly #home: Member;
  readonly #clings: boolean;
  readonly #viewDelayMs: number;
  readonly #everyMs: number;
  readonly #task: Task;
  readonly #nextKey: () => number;
  #views: { readonly atMs: number; readonly record: ClusterRecord | null }[] = [];
  #connected: DataRegion | null = null;
  #pending: number | null = null;
  /** No new rows are begun; the last one is still brought home. */
  draining = false;

  constructor(
    world: World,
    servers: Readonly<Record<DataRegion, Postgres>>,
    home: Member,
    nextKey: () => number,
  ) {
    this.#world = world;
    this.#servers = servers;
    this.#home = home;
    this.#nextKey = nextKey;
    this.#clings = world.chance(0.4);
    this.#viewDelayMs = world.chance(0.3) ? world.delayMs(5_000) : world.delayMs(300);
    this.#everyMs = 30 + world.delayMs(200);
    this.#task = new Task(this.#run());
  }

  get idle(): boolean {
    return this.#pending === null;
  }

  step(): void {
    this.#task.step(this.#world.nowMs);
  }

  *#run(): Procedure<void> {
    for (;;) {
      yield this.#everyMs;
      this.#look();
      if (this.#pending === null && this.draining) continue;
      this.#pending ??= this.#nextKey();
      try {
        if (yield* this.#write(this.#target(), this.#pending)) this.#pending = null;
        else this.#connected = null;
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
        this.#connected = null;
      }
    }
  }

  /** Remembers the record as it was a while ago. */
  #look(): void {
    const { nowMs, record } = this.#world;
    if (nowMs - (this.#views.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= VIEW_MS) {
      this.#views.push({ atMs: nowMs, record });
    }
    while ((this.#views[1]?.atMs ?? Number.POSITIVE_INFINITY) <= nowMs - this.#viewDelayMs)
      this.#views.shift();
  }

  #target(): DataRegion {
    if (this.#clings && this.#connected !== null) return this.#connected;
    const record = this.#views[0]?.record;
    if (record === undefined || record?.phase !== 'serving') throw new StepFailed('no leader is known');
    return record.leader;
  }

  /** True when the row was acknowledged. A new session needs the gate; one that is there does not. */
  *#write(region: DataRegion, key: number): Procedure<boolean> {
    const server = this.#servers[region];
    const { primary } = server;
    if (!this.#reaches(region) || primary === null || server.frozen) throw new StepFailed('not reached');
    if (this.#connected !== region && primary.gate === 'closed') throw new StepFailed('refused');
    this.#connected = region;
    const transaction = server.begin(key);
    const deadlineMs = this.#world.nowMs + ANSWER_MS;
    while (this.#world.nowMs < deadlineMs) {
      yield TICK_MS;
      if (transaction.outcome === 'ended') return false;
      if (transaction.outcome === 'acknowledged' && this.#reaches(region)) return true;
    }
    return false;
  }

  #reaches(region: DataRegion): boolean {
    return this.#world.network.talks(this.#home, region);
  }
}
