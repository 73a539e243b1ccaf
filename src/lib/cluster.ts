/**
 * The cluster record and the heartbeats in etcd, and a watch that every router follows.
 * Only agents write them.
 */
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { Value } from 'typebox/value';
import { monotonicMs, Nap } from './clock.ts';
import { describeError } from './errors.ts';
import { Etcd } from './etcd.ts';
import { KeyWatch } from './key-watch.ts';
import type { Log } from './log.ts';
import { Nullable } from './schema.ts';
import { MEMBERS, type Member, type Topology } from './topology.ts';

export const CLUSTER_PREFIX = '/tier0/cluster/';
export const RECORD_KEY = `${CLUSTER_PREFIX}record`;
export const HEARTBEAT_PREFIX = `${CLUSTER_PREFIX}heartbeat/`;
/** A switchover that an operator wants: written by whichever agent was asked, removed by the leader when done or refused. */
export const INTENT_KEY = `${CLUSTER_PREFIX}intent`;
/** Present while automation is paused: no automatic takeover. */
export const PAUSE_KEY = `${CLUSTER_PREFIX}pause`;
/** How the last intent ended: its id, a space, and what became of it. */
export const OUTCOME_KEY = '/tier0/outcome';
/** Every value that the record has had, written in the transaction that wrote the record. */
export const HISTORY_PREFIX = '/tier0/history/';
/** Keys of the history sort by time: an epoch has several records. */
export const historyKey = ({ epoch, since }: { readonly epoch: number; readonly since: string }): string =>
  `${HISTORY_PREFIX}${String(epoch).padStart(10, '0')}-${since}`;
export const heartbeatKey = (member: Member): string => `${HEARTBEAT_PREFIX}${member}`;

const RegionSchema = Type.Union([Type.Literal('region1'), Type.Literal('region2')]);

/** A change of leader, from its first write to the record until the next change of another kind. */
const OperationSchema = Type.Object({
  id: Type.String(),
  kind: Type.Union([Type.Literal('takeover'), Type.Literal('switchover')]),
  /** Who led before. */
  from: RegionSchema,
});
export type Operation = Static<typeof OperationSchema>;

const ClusterRecordSchema = Type.Object({
  epoch: Type.Integer({ minimum: 1 }),
  leader: RegionSchema,
  syncSet: Type.Array(RegionSchema),
  mode: Type.Union([Type.Literal('strict'), Type.Literal('solo')]),
  phase: Type.Union([
    Type.Literal('bootstrapping'),
    Type.Literal('serving'),
    // The leader stops on purpose so that its peer can follow with everything.
    Type.Literal('handing_over'),
    // The new leader is on record; its PostgreSQL is not primary yet.
    Type.Literal('promoting'),
  ]),
  /** In solo: strict may be written at any moment, also by a write that its sender believes lost (hazard H9). */
  growing: Type.Optional(Type.Literal(true)),
  reason: Type.String(),
  since: Type.String(),
  operation: Type.Optional(OperationSchema),
  /** ISO times of the operation's steps by the clock of the agent that made them: for people, not for decisions. */
  marks: Type.Optional(Type.Record(Type.String(), Type.String())),
});
/** The one truth about who leads; it changes only by compare-and-set. */
export type ClusterRecord = Static<typeof ClusterRecordSchema>;

const IntentSchema = Type.Object({
  id: Type.String(),
  kind: Type.Literal('switchover'),
  target: RegionSchema,
  requestedAt: Type.String(),
});
export type Intent = Static<typeof IntentSchema>;

const PauseSchema = Type.Object({ reason: Type.String(), since: Type.String() });
export type Pause = Static<typeof PauseSchema>;

const PostgresViewSchema = Type.Object({
  state: Type.Union([
    Type.Literal('absent'),
    Type.Literal('stopped'),
    // It ran under this agent and ended by itself.
    Type.Literal('crashed'),
    Type.Literal('unreachable'),
    Type.Literal('standby'),
    Type.Literal('primary'),
  ]),
  timeline: Nullable(Type.Integer()),
  lsn: Nullable(Type.String()),
  gate: Type.Union([Type.Literal('open'), Type.Literal('closed')]),
});

const HeartbeatSchema = Type.Object({
  region: Type.Union([Type.Literal('region1'), Type.Literal('region2'), Type.Literal('witness')]),
  seq: Type.Integer(),
  sentAt: Type.String(),
  postgres: Nullable(PostgresViewSchema),
  /** The leader's view of its standby. */
  replication: Nullable(
    Type.Object({
      syncState: Type.String(),
      lagBytes: Type.Number(),
      lagMs: Nullable(Type.Number()),
    }),
  ),
  /** Milliseconds the last write canary took; null: none has committed for a second or it does not apply. */
  canaryMs: Nullable(Type.Number()),
  /** Since the last canary committed, while clients may write here; null while they may not. */
  canarySilentMs: Nullable(Type.Number()),
  doing: Nullable(Type.String()),
  redis: Nullable(Type.Union([Type.Literal('master'), Type.Literal('replica'), Type.Literal('away')])),
  /** Of the region's supervisor; null while it has not said anything. */
  processes: Nullable(
    Type.Object({
      ready: Type.Integer(),
      total: Type.Integer(),
      notReady: Type.Array(Type.String()),
    }),
  ),
});
export type Heartbeat = Static<typeof HeartbeatSchema>;

/** Compiled: every role reads all of them several times a second. */
const records = Compile(ClusterRecordSchema);
const heartbeats = Compile(HeartbeatSchema);

/** Throws on a record that is not of the expected form: nothing may act on a record it cannot read. */
export function parseRecord(text: string): ClusterRecord {
  return records.Parse(JSON.parse(text));
}

/** Throws on an intent that is not of the expected form. */
export function parseIntent(text: string): Intent {
  return Value.Parse(IntentSchema, JSON.parse(text));
}

export function parsePause(text: string): Pause {
  return Value.Parse(PauseSchema, JSON.parse(text));
}

/** null for a heartbeat of another form (an agent of another version): it counts as silence. */
export function parseHeartbeat(text: string): Heartbeat | null {
  const parsed: unknown = JSON.parse(text);
  return heartbeats.Check(parsed) ? parsed : null;
}

/** Members' client addresses, the own region's first. */
export function etcdEndpoints(topology: Topology, self: Member): string[] {
  const others = MEMBERS.filter((member) => member !== self);
  return [self, ...others].map((member) => `http://${topology.host}:${topology[member].etcdClient}`);
}

export type SeenHeartbeat = {
  readonly heartbeat: Heartbeat;
  /** Monotonic ms at which this watcher first saw this sequence number. */
  readonly seenMs: number;
};

export type ClusterSnapshot = {
  readonly record: ClusterRecord | null;
  readonly heartbeats: ReadonlyMap<Member, SeenHeartbeat>;
  readonly pause: Pause | null;
  /** Monotonic ms just before the last answered read was sent: the view is at most that old. */
  readonly confirmedMs: number;
};

/** Keeps the arrival time of a heartbeat that has not advanced, so that its age grows. */
export function mergeHeartbeat(
  known: ReadonlyMap<Member, SeenHeartbeat>,
  heartbeat: Heartbeat,
  nowMs: number,
): SeenHeartbeat {
  const before = known.get(heartbeat.region);
  return before !== undefined &&
    before.heartbeat.seq === heartbeat.seq &&
    before.heartbeat.sentAt === heartbeat.sentAt
    ? before
    : { heartbeat, seenMs: nowMs };
}

/** For those who serve reads, which they do while their view is younger than 1 s: this leaves room for one miss. */
export const READER_POLL_MS = 450;
/** For those who only need to know the leader: the etcd watch tells them at once, the read is the safety net. */
export const WRITER_POLL_MS = 2_000;
/** While somebody waits for a leader. */
const HURRIED_POLL_MS = 200;
/** Follows the record: at once by an etcd watch, and confirmed by a linearizable read every `pollMs`. */
export class ClusterWatch {
  readonly #etcd: Etcd;
  readonly #keyWatch: KeyWatch;
  readonly #pollMs: number;
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #nap = new Nap();
  readonly #listeners = new Set<(snapshot: ClusterSnapshot) => void>();
  #snapshot: ClusterSnapshot = {
    record: null,
    heartbeats: new Map(),
    pause: null,
    confirmedMs: Number.NEGATIVE_INFINITY,
  };
  #lastFailure = '';
  #loops: Promise<unknown> = Promise.resolve();
  #hurried = false;

  constructor(options: {
    readonly topology: Topology;
    readonly self: Member;
    readonly pollMs: number;
    readonly log: Log;
  }) {
    this.#pollMs = options.pollMs;
    const endpoints = etcdEndpoints(options.topology, options.self);
    this.#etcd = new Etcd({ endpoints, deadlineMs: 800 });
    this.#keyWatch = new KeyWatch(this.#etcd, endpoints, RECORD_KEY, () => void this.#refresh());
    this.#log = options.log;
  }

  get view(): ClusterSnapshot {
    return this.#snapshot;
  }

  /** Calls back when the record changes (not for heartbeats). Returns the way to stop it. */
  onChange(listener: (snapshot: ClusterSnapshot) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Reads more often while somebody waits for a leader: then a blind watch must not cost a whole poll. */
  hurry(active: boolean): void {
    if (this.#hurried === active) return;
    this.#hurried = active;
    if (active) this.#nap.end();
  }

  start(): void {
    this.#loops = Promise.all([this.#pollLoop(), this.#keyWatch.run(this.#stop.signal)]);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    this.#nap.end();
    await this.#loops;
    this.#etcd.close();
  }

  async #pollLoop(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      await this.#refresh();
      if (signal.aborted) return;
      await this.#nap.take(this.#hurried ? Math.min(HURRIED_POLL_MS, this.#pollMs) : this.#pollMs);
    }
  }

  async #refresh(): Promise<void> {
    const sentMs = monotonicMs();
    try {
      this.#accept(await this.#etcd.list(CLUSTER_PREFIX), sentMs);
      this.#lastFailure = '';
    } catch (error) {
      const failure = describeError(error);
      if (failure !== this.#lastFailure && !this.#stop.signal.aborted) {
        this.#log.warn({ failure }, 'cannot confirm the cluster record');
      }
      this.#lastFailure = failure;
    }
    this.#keyWatch.readEnded();
  }

  #accept(pairs: readonly { key: string; value: string }[], sentMs: number): void {
    if (sentMs < this.#snapshot.confirmedMs) return;
    const heartbeats = new Map<Member, SeenHeartbeat>();
    let record: ClusterRecord | null = null;
    const paused = pairs.find(({ key }) => key === PAUSE_KEY);
    for (const { key, value } of pairs) {
      if (key === RECORD_KEY) record = parseRecord(value);
      if (!key.startsWith(HEARTBEAT_PREFIX)) continue;
      const heartbeat = parseHeartbeat(value);
      if (heartbeat === null) continue;
      heartbeats.set(heartbeat.region, mergeHeartbeat(this.#snapshot.heartbeats, heartbeat, monotonicMs()));
    }
    const before = this.#snapshot.record;
    if (before !== null && (record === null || record.epoch < before.epoch)) {
      this.#log.error({ before, record }, 'the cluster record went back; keeping what was known');
      return;
    }
    this.#snapshot = {
      record,
      heartbeats,
      pause: paused === undefined ? null : parsePause(paused.value),
      confirmedMs: sentMs,
    };
    if (JSON.stringify(before) === JSON.stringify(record)) return;
    this.#log.info({ record }, 'cluster record');
    if (before !== null) this.#keyWatch.changeFound(this.#stop.signal);
    for (const listener of this.#listeners) listener(this.#snapshot);
  }
}
