/** An agent's line to etcd: its heartbeat out; the record, the peer's heartbeat and the operator's intent in. */
import { monotonicMs, pause } from '../lib/clock.ts';
import {
  CLUSTER_PREFIX,
  type ClusterRecord,
  HEARTBEAT_PREFIX,
  type Heartbeat,
  heartbeatKey,
  historyKey,
  INTENT_KEY,
  type Intent,
  mergeHeartbeat,
  OUTCOME_KEY,
  PAUSE_KEY,
  type Pause,
  parseHeartbeat,
  parseIntent,
  parsePause,
  parseRecord,
  RECORD_KEY,
  type SeenHeartbeat,
} from '../lib/cluster.ts';
import { describeError, OperatingError } from '../lib/errors.ts';
import type { Etcd, KeyValue } from '../lib/etcd.ts';
import type { Log } from '../lib/log.ts';
import type { Member } from '../lib/topology.ts';
import type { RecordView } from './types.ts';

const HEARTBEAT_MS = 100;
/** While the leader changes: clients wait for the next step, and it is the other region's turn. */
const HURRY_MS = 15;
/** A view of the record older than this is no ground to act on. */
const RECORD_VALID_MS = 1_000;

export class ClusterLink {
  readonly #etcd: Etcd;
  readonly #self: Member;
  readonly #log: Log;
  readonly #onRecord: () => void;
  #record: ClusterRecord | null = null;
  #revision = 0;
  #confirmedMs = Number.NEGATIVE_INFINITY;
  #heartbeats: ReadonlyMap<Member, SeenHeartbeat> = new Map();
  #intent: Intent | null = null;
  #pause: Pause | null = null;
  #failing = false;

  /** `onRecord` is called when the record has changed. */
  constructor(etcd: Etcd, self: Member, log: Log, onRecord: () => void) {
    this.#onRecord = onRecord;
    this.#etcd = etcd;
    this.#self = self;
    this.#log = log;
  }

  get record(): ClusterRecord | null {
    return this.#record;
  }

  /** Monotonic ms just before the last answered read was sent. */
  get confirmedMs(): number {
    return this.#confirmedMs;
  }

  get heartbeats(): ReadonlyMap<Member, SeenHeartbeat> {
    return this.#heartbeats;
  }

  get intent(): Intent | null {
    return this.#intent;
  }

  get pause(): Pause | null {
    return this.#pause;
  }

  /** The record as far as it may be acted on now. */
  get recordView(): RecordView {
    if (monotonicMs() - this.#confirmedMs > RECORD_VALID_MS) return { kind: 'unknown' };
    if (this.#record === null) return { kind: 'none' };
    return { kind: 'known', record: this.#record, revision: this.#revision };
  }

  /** Writes the heartbeat, ten times a second or more, and reads everything in the same transaction. */
  async run(heartbeat: () => Heartbeat, signal: AbortSignal): Promise<void> {
    do {
      const sentMs = monotonicMs();
      try {
        const text = JSON.stringify(heartbeat());
        this.#accept(await this.#etcd.putAndList(heartbeatKey(this.#self), text, CLUSTER_PREFIX), sentMs);
        if (this.#failing) this.#log.info('etcd answers again');
        this.#failing = false;
      } catch (error) {
        if (!this.#failing) this.#log.warn({ failure: describeError(error) }, 'heartbeat not written');
        this.#failing = true;
      }
    } while (await pause(this.#changes ? HURRY_MS : HEARTBEAT_MS, signal));
  }

  get #changes(): boolean {
    return this.#record?.phase === 'handing_over' || this.#record?.phase === 'promoting';
  }

  /** Whatever the reply says, the record is read again before anything is done on its strength (hazard H9). */
  async writeRecord(revision: number, record: ClusterRecord): Promise<void> {
    const text = JSON.stringify(record);
    try {
      const log = { key: historyKey(record), value: text };
      const written = await this.#etcd.compareAndSet(RECORD_KEY, revision, text, log);
      this.#log.info({ written, record }, 'cluster record');
    } finally {
      const sentMs = monotonicMs();
      this.#acceptRecord(await this.#etcd.get(RECORD_KEY), sentMs);
    }
  }

  /** Whoever asked finds the outcome before the intent is gone. */
  async answerIntent(id: string, outcome: string): Promise<void> {
    await this.#etcd.put(OUTCOME_KEY, `${id} ${outcome}`);
    await this.#etcd.remove(INTENT_KEY);
    this.#intent = null;
  }

  #accept(pairs: readonly KeyValue[], sentMs: number): void {
    const heartbeats = new Map<Member, SeenHeartbeat>();
    for (const { key, value } of pairs) {
      const heartbeat = key.startsWith(HEARTBEAT_PREFIX) ? parseHeartbeat(value) : null;
      if (heartbeat === null) continue;
      heartbeats.set(heartbeat.region, mergeHeartbeat(this.#heartbeats, heartbeat, monotonicMs()));
    }
    this.#heartbeats = heartbeats;
    const intent = pairs.find(({ key }) => key === INTENT_KEY);
    this.#intent = intent === undefined ? null : parseIntent(intent.value);
    const pause = pairs.find(({ key }) => key === PAUSE_KEY);
    this.#pause = pause === undefined ? null : parsePause(pause.value);
    this.#acceptRecord(pairs.find(({ key }) => key === RECORD_KEY) ?? null, sentMs);
  }

  /** An answer older than what we know is ignored; a record that goes back is a broken invariant. */
  #acceptRecord(pair: KeyValue | null, sentMs: number): void {
    if (sentMs < this.#confirmedMs) return;
    const revision = pair?.modRevision ?? 0;
    if (revision < this.#revision) {
      throw new OperatingError('refused', 'the cluster record went back', 'the cluster record went back');
    }
    this.#confirmedMs = sentMs;
    if (revision === this.#revision) return;
    this.#record = pair === null ? null : parseRecord(pair.value);
    this.#revision = revision;
    this.#onRecord();
  }
}
