/**
 * A deterministic simulation of both data regions' agents: production's `decide` (src/agent/decide.ts) against
 * modelled PostgreSQL, etcd, networks and clients. One seed draws everything: delays, clocks, faults, requests.
 *
 *   world.ts        time in ticks of 10 ms, chance, cuts, the ledger of acknowledged rows
 *   wal.ts          a server's history; two servers share it as far as their lists are equal
 *   postgres.ts, server-state.ts
 *                   directory and process: recovery, gate, sync wait, promotion, stops, crash, freeze
 *   replication.ts  the stream between two servers
 *   etcd.ts         three members, one linearizable store; requests that happen late, replies that are lost
 *   link.ts, actions.ts, agent.ts
 *                   the agent; twins of the files of the same role in src/agent, step by step, because those
 *                   do I/O. What is pure there (decide, PeerWatch, mergeHeartbeat, LocalView) is used as it is
 *   observe.ts      the model's answers to the agent's questions
 *   clients.ts      writers with fresh, late and stuck views of the leader
 *   faults.ts       what is drawn, and how it begins and ends
 *   invariants.ts   what is checked at every step
 *   variants.ts     broken agents, each of which must be caught
 *
 * After the faults everything is healed, and the cluster must become strict with both regions again, take
 * writes, and hold every acknowledged row exactly once in both. `npm run sim -- --seed N` shows one run.
 */
import type { Decision, Observation } from '../src/agent/types.ts';
import { DATA_REGIONS, type DataRegion, MEMBERS, type Member, peerOf } from '../src/lib/topology.ts';
import { Agent, type AgentHost, type Variant } from './agent.ts';
import { type AgentSlot, newSlot } from './agent-slot.ts';
import { Client } from './clients.ts';
import { Etcd } from './etcd.ts';
import { apply, describeFault, drawFaults, type Fault, type Subject } from './faults.ts';
import { Invariants } from './invariants.ts';
import { Postgres } from './postgres.ts';
import { replicate } from './replication.ts';
import { TICK_MS, Violation, World } from './world.ts';

const CLIENTS = 4;
const RESTART_MS = 500;
/** Start, grace, rewind or a copy after 20 s without WAL, grow: each once or twice. */
const CONVERGENCE_LIMIT_MS = 120_000;
const STEADY_MS = 1_500;

export type Options = {
  readonly seed: number;
  readonly variant: Variant;
  readonly keepsTranscript?: boolean;
  /** Instead of drawn ones. */
  readonly faults?: readonly Fault[];
  /** Steps of actions are counted across both agents from 0; before this one its agent or region is killed. */
  readonly killAt?: { readonly step: number; readonly kills: 'agent' | 'region' };
  readonly onDecision?: (seen: Observation, decision: Decision) => void;
};

export type Outcome = {
  readonly seed: number;
  /** null: everything held. */
  readonly violation: string | null;
  readonly simulatedMs: number;
  readonly acknowledged: number;
  readonly epoch: number;
  /** Of actions, by both agents. */
  readonly steps: number;
  readonly transcript: readonly string[];
};

export class Simulation {
  readonly #options: Options;
  readonly #world: World;
  readonly #etcd: Etcd;
  readonly #servers: Record<DataRegion, Postgres>;
  readonly #invariants: Invariants;
  readonly #slots: Record<DataRegion, AgentSlot>;
  readonly #clients: readonly Client[];
  readonly #faults: readonly Fault[];
  readonly #subject: Subject;
  #steps = 0;
  #keys = 0;
  #intents = 0;

  constructor(options: Options) {
    this.#options = options;
    const world = new World(options.seed, options.keepsTranscript === true);
    this.#world = world;
    this.#etcd = new Etcd(world);
    const server = (region: DataRegion): Postgres =>
      new Postgres(region, world, (at, key) => this.#invariants.onAcknowledge(at, key));
    this.#servers = { region1: server('region1'), region2: server('region2') };
    this.#invariants = new Invariants(world, this.#servers);
    this.#etcd.onRecord((before, after) => this.#invariants.onRecord(before, after));
    this.#slots = { region1: newSlot(world), region2: newSlot(world) };
    this.#clients = Array.from({ length: CLIENTS }, () => {
      const home: Member = MEMBERS[world.random.int(MEMBERS.length)] ?? 'witness';
      return new Client(world, this.#servers, home, () => ++this.#keys);
    });
    // Most runs let the cluster grow first; some are disturbed from the start.
    const fromMs = world.chance(0.15) ? 100 : 4_000;
    this.#faults = options.faults ?? drawFaults(world, fromMs, fromMs + 12_000);
    this.#subject = this.#makeSubject();
  }

  run(): Outcome {
    let violation: string | null = null;
    try {
      this.#disturb();
      this.#converge();
    } catch (error) {
      if (!(error instanceof Violation)) throw error;
      violation = error.message;
      this.#world.note('FAILED', error.message);
    }
    const { nowMs, acknowledged, record, transcript } = this.#world;
    return {
      seed: this.#options.seed,
      violation,
      simulatedMs: nowMs,
      acknowledged: acknowledged.size,
      epoch: record?.epoch ?? 0,
      steps: this.#steps,
      transcript: transcript ?? [],
    };
  }

  /** Until every fault has begun and ended. */
  #disturb(): void {
    const events = this.#faults
      .flatMap((fault) => [
        { atMs: fault.atMs, fault, by: 1 as const },
        { atMs: fault.atMs + fault.forMs, fault, by: -1 as const },
      ])
      .sort((one, other) => one.atMs - other.atMs);
    for (const { atMs, fault, by } of events) {
      while (this.#world.nowMs < atMs) this.#tick();
      this.#world.note('fault', `${by === 1 ? 'begins' : 'ends'}: ${describeFault(fault)}`);
      apply(this.#subject, fault, by);
    }
    this.#world.note('fault', 'all healed');
  }

  #converge(): void {
    const deadlineMs = this.#world.nowMs + CONVERGENCE_LIMIT_MS;
    for (let steadyMs = 0; steadyMs < STEADY_MS; ) {
      this.#tick();
      steadyMs = this.#isWhole() ? steadyMs + TICK_MS : 0;
      if (this.#world.nowMs > deadlineMs) throw new Violation(`not whole again: ${this.#state()}`);
    }
    for (const client of this.#clients) client.draining = true;
    while (!this.#clients.every((client) => client.idle) || !this.#isLevel()) {
      this.#tick();
      if (this.#world.nowMs > deadlineMs)
        throw new Violation(`writes are not brought home: ${this.#state()}`);
    }
    this.#checkLedger();
  }

  #checkLedger(): void {
    for (const region of DATA_REGIONS) {
      const { wal } = this.#servers[region].disk();
      for (const key of this.#world.acknowledged) {
        const times = wal.count(key);
        if (times !== 1) throw new Violation(`row ${key} is in ${region} ${times} times at the end`);
      }
    }
  }

  #tick(): void {
    const { region1, region2 } = this.#servers;
    this.#world.nowMs += TICK_MS;
    this.#etcd.tick();
    region1.tick();
    region2.tick();
    replicate(this.#world, region1, region2);
    replicate(this.#world, region2, region1);
    for (const region of DATA_REGIONS) this.#stepAgent(region, this.#slots[region]);
    for (const client of this.#clients) client.step();
    this.#invariants.everyTick();
  }

  #stepAgent(region: DataRegion, slot: AgentSlot): void {
    const { nowMs } = this.#world;
    if (slot.down > 0 || slot.frozen > 0 || nowMs < slot.startMs) return;
    slot.agent ??= new Agent(
      region,
      this.#host,
      this.#options.variant,
      () => slot.originMs + this.#world.nowMs * slot.rate,
    );
    slot.agent.lateMs = slot.lateMs;
    slot.agent.step();
    if (slot.agent.dead || (slot.stopping && slot.agent.ended)) this.#endAgent(slot);
  }

  #endAgent(slot: AgentSlot): void {
    slot.agent = null;
    slot.stopping = false;
    slot.startMs = this.#world.nowMs + RESTART_MS;
  }

  get #host(): AgentHost {
    return {
      world: this.#world,
      etcd: this.#etcd,
      servers: this.#servers,
      agentRuns: (region) => this.#slots[region].agent !== null,
      onStep: (region, action, step) => this.#onStep(region, action, step),
      onDecision: (seen, decision) => {
        this.#invariants.onDecision(seen, decision);
        this.#options.onDecision?.(seen, decision);
      },
    };
  }

  #onStep(region: DataRegion, action: string, step: number): boolean {
    const { killAt } = this.#options;
    if (this.#steps++ !== killAt?.step) return true;
    this.#world.note(region, `${killAt.kills} killed before step ${step} of ${action}`);
    if (killAt.kills === 'region') this.#servers[region].kill();
    return false;
  }

  /** Strict, served, streamed, and nothing asked for. */
  #isWhole(): boolean {
    const { record } = this.#world;
    if (record?.mode !== 'strict' || record.phase !== 'serving' || this.#etcd.stored.intent !== null)
      return false;
    const primary = this.#servers[record.leader].primary;
    const standby = this.#servers[peerOf(record.leader)].process;
    return primary?.gate === 'open' && standby?.phase === 'recovery' && standby.receiver?.from === primary;
  }

  #isLevel(): boolean {
    const { region1, region2 } = this.#servers;
    return region1.directory?.wal.lsn === region2.directory?.wal.lsn;
  }

  #state(): string {
    const { record } = this.#world;
    const servers = DATA_REGIONS.map((region) => {
      const { directory, process } = this.#servers[region];
      return `${region} ${process?.phase ?? (directory === null ? 'absent' : 'stopped')}`;
    });
    return `${record?.leader} ${record?.mode} ${record?.phase} (${record?.reason}), ${servers.join(', ')}`;
  }

  #makeSubject(): Subject {
    const world = this.#world;
    const etcd = this.#etcd;
    const slots = this.#slots;
    const servers = this.#servers;
    return {
      world,
      killAgent: (region, by) => {
        slots[region].down += by;
        this.#endAgent(slots[region]);
      },
      stopAgent: (region) => {
        slots[region].stopping = true;
        slots[region].agent?.stopInOrder();
      },
      freezeAgent: (region, by) => {
        slots[region].frozen += by;
      },
      starveAgent: (region, lateMs) => {
        slots[region].lateMs = lateMs;
      },
      killPostgres: (region) => servers[region].kill(),
      freezePostgres: (region, by) => servers[region].freeze(by),
      stopEtcd: (member, by) => etcd.stop(member, by),
      freezeEtcd: (member, by) => etcd.freeze(member, by),
      recycleWal: (region) => {
        const { directory, process } = servers[region];
        if (directory === null || process?.sender != null) return;
        directory.slot = false;
        directory.keptFromLsn = directory.wal.lsn;
      },
      askSwitchover: (target) => {
        const { record, intent } = etcd.stored;
        if (record?.phase !== 'serving' || intent !== null) return;
        const id = `intent-${++this.#intents}`;
        etcd.stored.intent = Object.freeze({
          id,
          kind: 'switchover',
          target,
          requestedAt: String(world.nowMs),
        });
      },
      pauseAutomation: (paused) => {
        etcd.stored.pause = paused ? { reason: 'drawn', since: String(world.nowMs) } : null;
      },
    };
  }
}
