/**
 * The twin of src/agent/agent.ts: the loop that observes, decides and acts, and beside it the heartbeat, the
 * canary and the probe of the peer. The decision is production's, or a broken variant of it.
 */
import { PeerWatch } from '../src/agent/peer-watch.ts';
import type { Decision, LocalPostgres, Observation } from '../src/agent/types.ts';
import type { Heartbeat } from '../src/lib/cluster.ts';
import { type DataRegion, peerOf } from '../src/lib/topology.ts';
import { carryOut, type Parts, type Sabotage, stopInOrder } from './actions.ts';
import type { Etcd } from './etcd.ts';
import { Link } from './link.ts';
import { Observe } from './observe.ts';
import type { Postgres } from './postgres.ts';
import type { Process } from './server-state.ts';
import { NO_KEY } from './wal.ts';
import { type Procedure, StepFailed, Task, TICK_MS, Violation, type World } from './world.ts';

const LOOP_MS = 100;
const FACTS_MAX_AGE_MS = 250;
const CANARY_MS = 500;
const PROBE_MS = 50;
const REFUSALS_FOR_PROOF = 2;

export type Decide = (seen: Observation) => Decision;

export type Variant = {
  readonly decide: Decide;
  readonly sabotage: Sabotage;
};

export type AgentHost = {
  readonly world: World;
  readonly etcd: Etcd;
  readonly servers: Readonly<Record<DataRegion, Postgres>>;
  /** Whether the peer's agent process exists; a stopped one still accepts connections. */
  readonly agentRuns: (region: DataRegion) => boolean;
  /** Called before each step of an action. Returns false when the agent is to die there. */
  readonly onStep: (region: DataRegion, action: string, step: number) => boolean;
  readonly onDecision: (seen: Observation, decision: Decision) => void;
};

/** One life of an agent process; a new process knows nothing of the last one. */
export class Agent {
  readonly self: DataRegion;
  readonly #host: AgentHost;
  readonly #variant: Variant;
  readonly #parts: Parts;
  readonly #link: Link;
  readonly #observe: Observe;
  readonly #peer: PeerWatch;
  readonly #clock: () => number;
  readonly #bornMs: number;
  #tasks: Task[];
  #local: LocalPostgres = { state: 'unreachable' };
  #doing: string | null = null;
  #why = '';
  #seq = 0;
  #refusals = 0;
  #canaryOpenSinceMs: number | null = null;
  #canaryMs = Number.NEGATIVE_INFINITY;
  /** Extra sleep of the loop: a starved machine. */
  lateMs = 0;
  dead = false;

  constructor(self: DataRegion, host: AgentHost, variant: Variant, clock: () => number) {
    this.self = self;
    this.#host = host;
    this.#variant = variant;
    this.#clock = clock;
    this.#bornMs = host.world.nowMs;
    const { world, etcd, servers } = host;
    this.#link = new Link(etcd, self, clock);
    this.#observe = new Observe(world, servers[self], clock);
    this.#peer = new PeerWatch(clock());
    this.#parts = {
      self,
      world,
      etcd,
      server: servers[self],
      peer: servers[peerOf(self)],
      link: this.#link,
      observe: this.#observe,
    };
    this.#tasks = [
      this.#link.run(() => this.#heartbeat()),
      this.#canary(),
      this.#probe(),
      this.#actLoop(),
    ].map((procedure) => new Task(procedure));
  }

  step(): void {
    for (const task of this.#tasks) if (!this.dead) task.step(this.#host.world.nowMs);
  }

  /** SIGTERM: nothing new is begun and PostgreSQL is stopped in order. */
  stopInOrder(): void {
    this.#tasks = [new Task(stopInOrder(this.#parts))];
  }

  get ended(): boolean {
    return this.#tasks.every((task) => task.ended);
  }

  *#actLoop(): Procedure<void> {
    let acted = true;
    for (;;) {
      this.#local = yield* this.#observe.observe(acted ? 0 : FACTS_MAX_AGE_MS);
      acted = yield* this.#follow(this.#decide(this.#observation()));
      yield acted ? TICK_MS : LOOP_MS;
      if (this.lateMs > 0) yield this.#host.world.delayMs(this.lateMs);
    }
  }

  #observation(): Observation {
    const { recordView, confirmedMs, heartbeats, intent, paused } = this.#link;
    const heartbeat = heartbeats.get(peerOf(this.self));
    const peer = this.#peer.look(this.#clock(), confirmedMs, heartbeat, this.#refusals >= REFUSALS_FOR_PROOF);
    return { self: this.self, record: recordView, local: this.#local, peer, intent, paused };
  }

  /** Pure: the same twice, and the observation, which it cannot have changed, is frozen. */
  #decide(seen: Observation): Decision {
    deepFreeze(seen);
    const decision = this.#variant.decide(seen);
    const again = this.#variant.decide(seen);
    if (JSON.stringify(decision) !== JSON.stringify(again))
      throw new Violation('decide is not deterministic');
    this.#host.onDecision(seen, decision);
    return decision;
  }

  *#follow(decision: Decision): Procedure<boolean> {
    const { world, onStep } = this.#host;
    if (decision.why !== this.#why) world.note(this.self, `${decision.kind}: ${decision.why}`);
    this.#why = decision.why;
    if (decision.kind === 'wait') return false;
    const { action } = decision;
    this.#doing = action.type;
    try {
      const steps = carryOut(action, this.#parts, this.#variant.sabotage);
      for (let step = 0; ; step++) {
        if (!onStep(this.self, action.type, step)) {
          this.dead = true;
          yield TICK_MS;
        }
        const { done, value } = steps.next();
        if (done === true) break;
        yield value;
      }
      world.note(this.self, `done: ${action.type}`);
      return true;
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      world.note(this.self, `failed: ${action.type}: ${error.message}`);
      return false;
    } finally {
      this.#doing = null;
    }
  }

  #openEpoch(): number | null {
    const { record } = this.#link;
    const open = this.#local.state === 'primary' && this.#local.gate === 'open';
    return open && record?.leader === this.self ? record.epoch : null;
  }

  *#canary(): Procedure<void> {
    for (;;) {
      yield CANARY_MS;
      if (this.#openEpoch() === null) {
        this.#canaryOpenSinceMs = null;
        continue;
      }
      this.#canaryOpenSinceMs ??= this.#clock();
      const { server } = this.#parts;
      const { process } = server;
      if (process?.phase !== 'primary' || process.stopping !== null) continue;
      yield* this.#writeCanary(process);
    }
  }

  *#writeCanary(process: Process): Procedure<void> {
    const { server } = this.#parts;
    const transaction = server.begin(NO_KEY);
    while (transaction.outcome === 'running' && server.process === process) yield TICK_MS;
    if (transaction.outcome === 'acknowledged') this.#canaryMs = this.#clock();
  }

  /** As peer-probe.ts: two refusals in a row by both ports; a cut that hides the peer leaves the proof as it is. */
  *#probe(): Procedure<void> {
    const peer = peerOf(this.self);
    for (;;) {
      yield PROBE_MS;
      if (!this.#host.world.network.talks(this.self, peer)) continue;
      const refused = !this.#host.agentRuns(peer) && this.#parts.peer.process === null;
      this.#refusals = refused ? this.#refusals + 1 : 0;
    }
  }

  #heartbeat(): Heartbeat {
    const local = this.#local;
    const primary = local.state === 'primary' ? local : null;
    const openSinceMs = this.#canaryOpenSinceMs;
    return {
      region: this.self,
      seq: this.#seq++,
      sentAt: String(this.#bornMs),
      postgres: {
        state: local.state === 'stopped' && local.crashed ? 'crashed' : local.state,
        timeline: 'timeline' in local ? local.timeline : null,
        lsn: 'lsn' in local ? local.lsn : null,
        gate: primary?.gate ?? 'closed',
      },
      replication: null,
      canaryMs: null,
      canarySilentMs: openSinceMs === null ? null : this.#clock() - Math.max(openSinceMs, this.#canaryMs),
      doing: this.#doing,
      redis: null,
      processes: null,
    };
  }
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const inner of Object.values(value)) deepFreeze(inner);
}
