/** The twin of src/agent/cluster-link.ts: the same rules of validity and order, in simulated time. */

import type { RecordView } from '../src/agent/types.ts';
import type { ClusterRecord, Intent } from '../src/lib/cluster.ts';
import { type Heartbeat, mergeHeartbeat, type SeenHeartbeat } from '../src/lib/cluster.ts';
import type { DataRegion, Member } from '../src/lib/topology.ts';
import type { Etcd } from './etcd.ts';
import { type Procedure, StepFailed } from './world.ts';

const HEARTBEAT_MS = 100;
const RECORD_VALID_MS = 1_000;

type Snapshot = {
  readonly record: ClusterRecord | null;
  readonly revision: number;
  readonly intent: Intent | null;
  readonly paused: boolean;
  readonly heartbeats: readonly Heartbeat[];
};

export class Link {
  readonly #etcd: Etcd;
  readonly #self: DataRegion;
  readonly #clock: () => number;
  record: ClusterRecord | null = null;
  #revision = 0;
  confirmedMs = Number.NEGATIVE_INFINITY;
  heartbeats: ReadonlyMap<Member, SeenHeartbeat> = new Map();
  intent: Intent | null = null;
  paused = false;

  constructor(etcd: Etcd, self: DataRegion, clock: () => number) {
    this.#etcd = etcd;
    this.#self = self;
    this.#clock = clock;
  }

  get recordView(): RecordView {
    if (this.#clock() - this.confirmedMs > RECORD_VALID_MS) return { kind: 'unknown' };
    if (this.record === null) return { kind: 'none' };
    return { kind: 'known', record: this.record, revision: this.#revision };
  }

  *run(heartbeat: () => Heartbeat): Procedure<void> {
    for (;;) {
      const sentMs = this.#clock();
      const beat = heartbeat();
      try {
        const seen = yield* this.#etcd.call(this.#self, false, () => {
          this.#etcd.stored.heartbeats.set(this.#self, beat);
          return this.#snapshot();
        });
        this.#accept(seen, sentMs);
      } catch (error) {
        if (!(error instanceof StepFailed)) throw error;
      }
      yield HEARTBEAT_MS;
    }
  }

  *writeRecord(write: () => void): Procedure<void> {
    try {
      yield* this.#etcd.call(this.#self, true, write);
    } finally {
      const sentMs = this.#clock();
      const seen = yield* this.#etcd.call(this.#self, false, () => this.#snapshot());
      this.#acceptRecord(seen, sentMs);
    }
  }

  *answerIntent(id: string, outcome: string): Procedure<void> {
    const { stored } = this.#etcd;
    yield* this.#etcd.call(this.#self, false, () => {
      stored.outcome = `${id} ${outcome}`;
    });
    yield* this.#etcd.call(this.#self, false, () => {
      stored.intent = null;
    });
    this.intent = null;
  }

  #snapshot(): Snapshot {
    const { record, revision, intent, pause, heartbeats } = this.#etcd.stored;
    return { record, revision, intent, paused: pause !== null, heartbeats: [...heartbeats.values()] };
  }

  #accept(seen: Snapshot, sentMs: number): void {
    const heartbeats = new Map<Member, SeenHeartbeat>();
    for (const heartbeat of seen.heartbeats) {
      heartbeats.set(heartbeat.region, mergeHeartbeat(this.heartbeats, heartbeat, this.#clock()));
    }
    this.heartbeats = heartbeats;
    this.intent = seen.intent;
    this.paused = seen.paused;
    this.#acceptRecord(seen, sentMs);
  }

  #acceptRecord({ record, revision }: Snapshot, sentMs: number): void {
    if (sentMs < this.confirmedMs) return;
    if (revision < this.#revision) throw new StepFailed('the cluster record went back');
    this.record = record;
    this.#revision = revision;
    this.confirmedMs = sentMs;
  }
}
