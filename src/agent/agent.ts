/**
 * A data region's agent: observe, decide, act; and, apart from that so that nothing delays it, a heartbeat.
 */
import { monotonicMs, pause, wallMs } from '../lib/clock.ts';
import type { ClusterRecord, Heartbeat, Pause, SeenHeartbeat } from '../lib/cluster.ts';
import { describeError } from '../lib/errors.ts';
import type { Etcd } from '../lib/etcd.ts';
import type { Log } from '../lib/log.ts';
import type { Secrets } from '../lib/secrets.ts';
import { type DataRegion, type Member, peerOf, type Topology } from '../lib/topology.ts';
import { carryOut, FAST_STOP_MS } from './act.ts';
import { Canary } from './canary.ts';
import { ClusterLink } from './cluster-link.ts';
import { decide } from './decide.ts';
import { PeerProbe } from './drivers/peer-probe.ts';
import type { PostgresServer } from './drivers/postgres-server.ts';
import type { PostgresSession } from './drivers/postgres-session.ts';
import { Observer } from './observer.ts';
import { OperationMarks } from './operation-marks.ts';
import { PeerWatch } from './peer-watch.ts';
import type { RegionFacts } from './region-facts.ts';
import type { Action, Decision, LocalPostgres, Observation } from './types.ts';

const LOOP_MS = 100;
/** While nothing happens, PostgreSQL is asked every third look. */
const FACTS_MAX_AGE_MS = 250;

export type AgentParts = {
  readonly self: DataRegion;
  readonly etcd: Etcd;
  readonly server: PostgresServer;
  readonly session: PostgresSession;
  readonly facts: RegionFacts;
  readonly secrets: Secrets;
  readonly topology: Topology;
  readonly log: Log;
};

/** What operators are shown; see http.ts. */
export type AgentView = {
  readonly record: ClusterRecord | null;
  readonly recordAgeMs: number;
  readonly heartbeats: ReadonlyMap<Member, SeenHeartbeat>;
  readonly pause: Pause | null;
  /** null at the witness. */
  readonly local: LocalPostgres | null;
  readonly doing: string | null;
  readonly why: string;
};

export class Agent {
  readonly #parts: AgentParts;
  readonly #link: ClusterLink;
  readonly #observer: Observer;
  readonly #canary: Canary;
  readonly #probe: PeerProbe;
  readonly #peer = new PeerWatch(monotonicMs());
  readonly #marks = new OperationMarks();
  #local: LocalPostgres = { state: 'unreachable' };
  #doing: string | null = null;
  #why = '';
  #seq = 0;
  #wake: () => void = () => {};

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.#link = new ClusterLink(parts.etcd, parts.self, parts.log, () => this.#wake());
    this.#observer = new Observer(parts.server, parts.session);
    this.#canary = new Canary(parts.session, parts.log);
    const { host, [peerOf(parts.self)]: ports } = parts.topology;
    this.#probe = new PeerProbe({ host, agent: ports.agent, postgres: ports.postgres }, () => this.#wake());
  }

  get view(): AgentView {
    return {
      record: this.#link.record,
      recordAgeMs: monotonicMs() - this.#link.confirmedMs,
      heartbeats: this.#link.heartbeats,
      pause: this.#link.pause,
      local: this.#local,
      doing: this.#doing,
      why: this.#why,
    };
  }

  /** Clients may write here now. */
  get leads(): boolean {
    return this.#openEpoch() !== null;
  }

  /** Runs until the signal aborts; then stops PostgreSQL cleanly. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#link.run(() => this.#heartbeat(), signal),
      this.#canary.run(
        this.#parts.self,
        () => this.#openEpoch(),
        () => this.#local.state === 'standby',
        signal,
      ),
      this.#probe.run(signal),
      this.#parts.facts.run(signal),
      this.#actLoop(signal),
    ]);
    await this.#parts.session.disconnect();
    await this.#parts.server.stop('fast', FAST_STOP_MS);
  }

  /** An action is followed by the next look at once; otherwise looks are LOOP_MS apart, or until news comes. */
  async #actLoop(signal: AbortSignal): Promise<void> {
    let acted = true;
    while (!signal.aborted) {
      const news = this.#nextNews();
      this.#local = await this.#observer.observe(acted ? 0 : FACTS_MAX_AGE_MS);
      acted = await this.#follow(decide(this.#observation()));
      if (!acted) await Promise.race([pause(LOOP_MS, signal), news]);
    }
  }

  #observation(): Observation {
    const { self } = this.#parts;
    const { recordView, confirmedMs, heartbeats, intent, pause } = this.#link;
    const peer = this.#peer.look(
      monotonicMs(),
      confirmedMs,
      heartbeats.get(peerOf(self)),
      this.#probe.provenDead,
    );
    return { self, record: recordView, local: this.#local, peer, intent, paused: pause !== null };
  }

  /** Of what happens from now on, so that nothing is missed while this agent looks. */
  #nextNews(): Promise<void> {
    return new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  /** True when something was done. */
  async #follow(decision: Decision): Promise<boolean> {
    const { log } = this.#parts;
    if (decision.why !== this.#why) log.info({ kind: decision.kind }, decision.why);
    this.#why = decision.why;
    if (decision.kind === 'wait') return false;
    const { action } = decision;
    this.#doing = action.type;
    const startedMs = monotonicMs();
    try {
      this.#noteCause(action);
      await carryOut(action, {
        ...this.#parts,
        link: this.#link,
        observer: this.#observer,
        canary: this.#canary,
        marks: this.#marks,
      });
      log.info({ action: action.type, ms: Math.round(monotonicMs() - startedMs) }, 'done');
      return true;
    } catch (error) {
      log.warn({ action: action.type, failure: describeError(error) }, 'action failed');
      return false;
    } finally {
      this.#doing = null;
    }
  }

  /** When what an operation answers to was noticed, or asked for. */
  #noteCause(action: Action): void {
    if (action.type !== 'write_record') return;
    const { operation, phase, leader } = action.record;
    const { intent, heartbeats } = this.#link;
    if (phase === 'handing_over' && intent !== null) {
      this.#marks.note('requested', Date.parse(intent.requestedAt));
    }
    if (operation?.kind !== 'takeover' || phase !== 'promoting' || leader !== this.#parts.self) return;
    const heardMs = heartbeats.get(operation.from)?.seenMs;
    if (heardMs !== undefined) this.#marks.note('last_heard', wallMs() - (monotonicMs() - heardMs));
    this.#marks.note('suspected', wallMs());
  }

  /** The epoch under which clients may write here; null when they may not. */
  #openEpoch(): number | null {
    const { record } = this.#link;
    const open = this.#local.state === 'primary' && this.#local.gate === 'open';
    return open && record?.leader === this.#parts.self ? record.epoch : null;
  }

  #heartbeat(): Heartbeat {
    const local = this.#local;
    const primary = local.state === 'primary' ? local : null;
    const standby = primary?.standby ?? null;
    return {
      region: this.#parts.self,
      seq: this.#seq++,
      sentAt: new Date(wallMs()).toISOString(),
      postgres: {
        state: local.state === 'stopped' && local.crashed ? 'crashed' : local.state,
        timeline: 'timeline' in local ? local.timeline : null,
        lsn: 'lsn' in local ? local.lsn : null,
        gate: primary?.gate ?? 'closed',
      },
      replication:
        standby === null
          ? null
          : {
              syncState: standby.sync ? 'sync' : standby.streaming ? 'async' : 'catchup',
              lagBytes: standby.lagBytes,
              lagMs: standby.lagMs,
            },
      canaryMs: this.#canary.tookMs,
      canarySilentMs: this.#canary.silentMs,
      doing: this.#doing,
      redis: this.#parts.facts.redis,
      processes: this.#parts.facts.processes,
    };
  }
}
