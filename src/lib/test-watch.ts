/** A view of the cluster that a test sets. Nothing is read from etcd. */
import { pino } from 'pino';
import { type ClusterRecord, type ClusterSnapshot, ClusterWatch } from './cluster.ts';
import type { Topology } from './topology.ts';

export class TestWatch extends ClusterWatch {
  readonly #told = new Set<(snapshot: ClusterSnapshot) => void>();
  #record: ClusterRecord | null = null;

  constructor(topology: Topology, leads?: Pick<ClusterRecord, 'epoch' | 'leader'>) {
    super({ topology, self: 'region1', pollMs: 1_000, log: pino({ level: 'silent' }) });
    if (leads !== undefined) this.lead(leads);
  }

  override get view(): ClusterSnapshot {
    return { record: this.#record, heartbeats: new Map(), pause: null, confirmedMs: 0 };
  }

  override onChange(listener: (snapshot: ClusterSnapshot) => void): () => void {
    this.#told.add(listener);
    return () => this.#told.delete(listener);
  }

  /** The record names a serving leader from now on; null: it names none. */
  lead(leads: Pick<ClusterRecord, 'epoch' | 'leader'> | null): void {
    const { epoch, leader } = leads ?? { epoch: 1, leader: 'region1' };
    this.#record = {
      epoch,
      leader,
      syncSet: [leader],
      mode: 'solo',
      phase: leads === null ? 'promoting' : 'serving',
      reason: 'test',
      since: '2026-11-16T00:00:00Z',
    };
    for (const listener of this.#told) listener(this.view);
  }
}
