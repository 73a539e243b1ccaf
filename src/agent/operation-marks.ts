/**
 * When the steps of an operation were made. They travel in the cluster record from the agent that began the
 * operation to the one that ends it, so that the record of a finished operation has all of them.
 */
import type { ClusterRecord } from '../lib/cluster.ts';
import type { RecordDraft } from './types.ts';

/** What a record's phase is called as a step. */
const STEP_OF_PHASE = {
  bootstrapping: 'started',
  handing_over: 'held',
  promoting: 'recorded',
  serving: 'serving',
} as const satisfies Record<ClusterRecord['phase'], string>;

const iso = (wallMs: number): string => new Date(wallMs).toISOString();

export class OperationMarks {
  #noted: Record<string, string> = {};

  /** Remembers a step that this agent made; it is written with the operation's next record. */
  note(step: string, wallMs: number): void {
    this.#noted[step] = iso(wallMs);
  }

  /** The draft with its time, and with the marks of its operation. */
  stamp(draft: RecordDraft, known: ClusterRecord | null, wallMs: number): ClusterRecord {
    const since = iso(wallMs);
    const { operation } = draft;
    const noted = this.#noted;
    this.#noted = {};
    if (operation === undefined) return { ...draft, since };
    const carried = known?.operation?.id === operation.id ? known.marks : {};
    return { ...draft, since, marks: { ...carried, ...noted, [STEP_OF_PHASE[draft.phase]]: since } };
  }
}
