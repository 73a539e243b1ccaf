/**
 * A data region's agent: observe, decide, act; and, apart from that so that nothing delays it, a heartbeat.
 */
import { monotonicMs, pause, wallMs } from '../lib/clock.ts';
import {
  CLUSTER_PREFIX,
  type ClusterRecord,
  type Heartbeat,
  heartbeatKey,
  mergeHeartbeat,
  parseHeartbeat,
  parseRecord,
  RECORD_KEY,
  type SeenHeartbeat,
} from '../lib/cluster.ts';
import { describeError, OperatingError } from '../lib/errors.ts';
import type { Etcd, KeyValue } from '../lib/etcd.ts';
import type { Log } from '../lib/log.ts';
import type { Secrets } from '../lib/secrets.ts';
import { type DataRegion, type Member, peerOf } from '../lib/topology.ts';
import { Canary } from './canary.ts';
import { decide } from './decide.ts';
import type { PostgresServer } from './drivers/postgres-server.ts';
import type { PostgresSession } from './drivers/postgres-session.ts';
import { Observer } from './observer.ts';
import { prepareDatabase } from './prepare-database.ts';
import type { Action, Decision, LocalPostgres, RecordView } from './types.ts';

const HEARTBEAT_MS = 100;
const LOOP_MS = 100;
/** A view of the record older than this is no ground to act on. */
const RECORD_VALID_MS = 1_000;
/** A peer's heartbeat that has not advanced for this long counts as silence. */
const HEARTBEAT_VALID_MS = 1_000;
const STOP_MS = 20_000;

type KnownRecord = {
  readonly record: ClusterRecord | null;
  readonly revision: number;
  readonly confirmedMs: number;
};

export type AgentParts = {
  readonly self: DataRegion;
  readonly etcd: Etcd;
  readonly server: PostgresServer;
  readonly session: PostgresSession;
  readonly secrets: Secrets;
  readonly log: Log;
};

/** What operators are shown; see http.ts. */
export type AgentView = {
  readonly record: ClusterRecord | null;
  readonly recordAgeMs: number;
  readonly heartbeats: ReadonlyMap<Member, SeenHeartbeat>;
  /** null at the witness. */
  readonly local: LocalPostgres | null;
  readonly doing: string | null;
  readonly why: string;
};

export class Agent {
  readonly #parts: AgentParts;
  readonly #observer: Observer;
  readonly #canary: Canary;
  #known: KnownRecord = { record: null, revision: 0, confirmedMs: Number.NEGATIVE_INFINITY };
  #heartbeats: ReadonlyMap<Member, SeenHeartbeat> = new Map();
  #local: LocalPostgres = { state: 'unreachable' };
  #doing: string | null = null;
  #why = '';
  #seq = 0;
  #etcdFailing = false;

  constructor(parts: AgentParts) {
    this.#parts = parts;
    this.#observer = new Observer(parts.server, parts.session);
    this.#canary = new Canary(parts.session, parts.log);
  }

  get view(): AgentView {
    return {
      record: this.#known.record,
      recordAgeMs: monotonicMs() - this.#known.confirmedMs,
      heartbeats: this.#heartbeats,
      local: this.#local,
      doing: this.#doing,
      why: this.#why,
    };
  }

  /** Runs until the signal aborts; then stops PostgreSQL cleanly. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#heartbeatLoop(signal),
      this.#canary.run(this.#parts.self, () => this.#openEpoch(), signal),
      this.#actLoop(signal),
    ]);
    await this.#parts.session.disconnect();
    await this.#parts.server.stop('fast', STOP_MS);
  }

  async #actLoop(signal: AbortSignal): Promise<void> {
    do {
      this.#local = await this.#observer.observe();
      const decision = decide({
        self: this.#parts.self,
        record: this.#recordView(),
        local: this.#local,
        leaderFeeds: this.#leaderFeeds(),
      });
      await this.#follow(decision);
    } while (await pause(LOOP_MS, signal));
  }

  async #follow(decision: Decision): Promise<void> {
    if (decision.why !== this.#why) this.#parts.log.info({ kind: decision.kind }, decision.why);
    this.#why = decision.why;
    if (decision.kind === 'wait') return;
    this.#doing = decision.action.type;
    const startedMs = monotonicMs();
    try {
      await this.#act(decision.action);
      this.#parts.log.info(
        { action: decision.action.type, ms: Math.round(monotonicMs() - startedMs) },
        'done',
      );
    } catch (error) {
      this.#parts.log.warn({ action: decision.action.type, failure: describeError(error) }, 'action failed');
    } finally {
      this.#doing = null;
    }
  }

  async #act(action: Action): Promise<void> {
    const { server, session, secrets, self } = this.#parts;
    switch (action.type) {
      case 'write_record':
        return this.#writeRecord(action.revision, {
          ...action.record,
          since: new Date(wallMs()).toISOString(),
        });
      case 'initialise':
        return server.initialise();
      case 'start_primary':
        return server.startPrimary(action.waitForPeer);
      case 'start_standby':
        return server.startStandby();
      case 'clone':
        return server.clone();
      case 'stop_postgres':
        return server.stop('immediate', 2_000);
      case 'prepare_database':
        await prepareDatabase(session, secrets);
        this.#observer.prepared = true;
        return;
      case 'ensure_slot':
        return session.ensureSlot();
      case 'wait_for_peer':
        server.setWaitFor(peerOf(self));
        this.#observer.restartSilence();
        this.#observer.settledLsn = await session.settleSyncNames();
        return;
      case 'go_without_peer':
        this.#observer.settledLsn = null;
        return server.setWaitFor(null);
      case 'open_gate':
        return server.setGate('open');
      case 'close_gate':
        server.setGate('closed');
        return session.endClientSessions();
      default:
        return action satisfies never;
    }
  }

  /** Whatever the reply said, the record is read again before anything is done on its strength (hazard H9). */
  async #writeRecord(revision: number, record: ClusterRecord): Promise<void> {
    const { etcd, log } = this.#parts;
    try {
      const written = await etcd.compareAndSet(RECORD_KEY, revision, JSON.stringify(record));
      log.info({ written, record }, 'cluster record');
    } finally {
      const sentMs = monotonicMs();
      const current = await etcd.get(RECORD_KEY);
      this.#acceptRecord(current, sentMs);
    }
  }

  async #heartbeatLoop(signal: AbortSignal): Promise<void> {
    const { etcd, self, log } = this.#parts;
    do {
      const sentMs = monotonicMs();
      try {
        const pairs = await etcd.putAndList(
          heartbeatKey(self),
          JSON.stringify(this.#heartbeat()),
          CLUSTER_PREFIX,
        );
        this.#accept(pairs, sentMs);
        if (this.#etcdFailing) log.info('etcd answers again');
        this.#etcdFailing = false;
      } catch (error) {
        if (!this.#etcdFailing) log.warn({ failure: describeError(error) }, 'heartbeat not written');
        this.#etcdFailing = true;
      }
    } while (await pause(HEARTBEAT_MS, signal));
  }

  #accept(pairs: readonly KeyValue[], sentMs: number): void {
    const heartbeats = new Map<Member, SeenHeartbeat>();
    for (const { value } of pairs.filter(({ key }) => key !== RECORD_KEY)) {
      const heartbeat = parseHeartbeat(value);
      if (heartbeat === null) continue;
      heartbeats.set(heartbeat.region, mergeHeartbeat(this.#heartbeats, heartbeat, monotonicMs()));
    }
    this.#heartbeats = heartbeats;
    this.#acceptRecord(pairs.find(({ key }) => key === RECORD_KEY) ?? null, sentMs);
  }

  /** An answer that is older than what we know is ignored; a record that goes back is a broken invariant. */
  #acceptRecord(pair: KeyValue | null, sentMs: number): void {
    if (sentMs < this.#known.confirmedMs) return;
    const revision = pair?.modRevision ?? 0;
    const record = pair === null ? null : parseRecord(pair.value);
    if (revision < this.#known.revision) {
      throw new OperatingError('refused', 'the cluster record went back', 'the cluster record went back');
    }
    this.#known = { record, revision, confirmedMs: sentMs };
  }

  #recordView(): RecordView {
    const { record, revision, confirmedMs } = this.#known;
    if (monotonicMs() - confirmedMs > RECORD_VALID_MS) return { kind: 'unknown' };
    return record === null ? { kind: 'none' } : { kind: 'known', record, revision };
  }

  #leaderFeeds(): boolean {
    const leader = this.#known.record?.leader;
    const seen = leader === undefined ? undefined : this.#heartbeats.get(leader);
    return (
      seen !== undefined &&
      monotonicMs() - seen.seenMs < HEARTBEAT_VALID_MS &&
      seen.heartbeat.postgres?.state === 'primary' &&
      seen.heartbeat.postgres.gate === 'open'
    );
  }

  #openEpoch(): number | null {
    const { record } = this.#known;
    const open = this.#local.state === 'primary' && this.#local.gate === 'open';
    return open && record?.leader === this.#parts.self ? record.epoch : null;
  }

  #heartbeat(): Heartbeat {
    const local = this.#local;
    const primary = local.state === 'primary' ? local : null;
    return {
      region: this.#parts.self,
      seq: this.#seq++,
      sentAt: new Date(wallMs()).toISOString(),
      postgres: {
        state: local.state,
        timeline: 'timeline' in local ? local.timeline : null,
        lsn: 'lsn' in local ? local.lsn : null,
        gate: primary?.gate ?? 'closed',
      },
      replication:
        primary?.standby == null
          ? null
          : {
              syncState: primary.standby.sync ? 'sync' : primary.standby.streaming ? 'async' : 'catchup',
              lagBytes: primary.standby.lagBytes,
              lagMs: primary.standby.lagMs,
            },
      canaryMs: this.#canary.tookMs,
      doing: this.#doing,
    };
  }
}
