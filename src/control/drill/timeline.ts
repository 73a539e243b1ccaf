/** The timeline of one run: the agents' marks and the drill's own observations, in ms since the fault. Pure. */
import type { ClusterRecord } from '../../lib/cluster.ts';
import type { TimelineStep } from '../../lib/control-schemas.ts';

/** Marks that say when the loss was noticed belong to a takeover; a mark older than the fault says nothing of it. */
const FROM_RECORD = [
  'last_heard',
  'suspected',
  'requested',
  'held',
  'drained',
  'recorded',
  'fenced',
  'promoted',
  'serving',
];

export class Timeline {
  readonly #faultMs: number;
  readonly #steps = new Map<string, number>();

  /** Unix milliseconds of the fault. */
  constructor(faultMs: number) {
    this.#faultMs = faultMs;
    this.#steps.set('fault', faultMs);
  }

  /** The first time of a step counts. */
  note(step: string, atMs: number): void {
    if (!this.#steps.has(step)) this.#steps.set(step, atMs);
  }

  /** Takes over the marks of an operation that began with this fault. */
  takeMarks({ marks = {} }: ClusterRecord): void {
    for (const step of FROM_RECORD) {
      const atMs = Date.parse(marks[step] ?? '');
      if (!Number.isNaN(atMs) && (step === 'last_heard' || atMs >= this.#faultMs - 1)) this.note(step, atMs);
    }
  }

  at(step: string): number | null {
    return this.#steps.get(step) ?? null;
  }

  get steps(): TimelineStep[] {
    return [...this.#steps]
      .sort(([, a], [, b]) => a - b)
      .map(([step, atMs]) => ({
        step,
        at: new Date(atMs).toISOString(),
        after_ms: Math.round((atMs - this.#faultMs) * 10) / 10,
      }));
  }
}
