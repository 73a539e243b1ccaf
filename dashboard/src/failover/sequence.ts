/** What the timeline shows: the drill that runs, the change of leader that runs, or whichever came last. */
import type { CurrentDrill, HistoryRow, StatusBody, TimelineStep } from '../../../src/lib/control-schemas.ts';
import { isMoving, type Region } from './cluster-state.ts';
import { faultTitle } from './faults.ts';
import { type Step, stepsFromMarks } from './timeline.ts';

export type Sequence = {
  /** Another id is another event: its steps are announced from the beginning. */
  readonly id: string;
  readonly title: string;
  readonly note: string;
  readonly running: boolean;
  readonly steps: readonly Step[];
  /** Since its first step, by the server's clock; null when it is over. */
  readonly elapsed_ms: number | null;
  /** The report to read, once there is one. */
  readonly report: string | null;
};

type RunningDrill = NonNullable<CurrentDrill>;

const PHASES: Readonly<Record<RunningDrill['phase'], string>> = {
  preparing: 'preparing',
  broken: 'broken',
  healing: 'healing',
  checking: 'comparing the stores',
};

function startOf(steps: readonly TimelineStep[]): number {
  const fault = steps.find(({ step }) => step === 'fault') ?? steps[0];
  return fault === undefined ? Number.NaN : Date.parse(fault.at);
}

function lastOf(times: readonly string[]): number {
  return Math.max(0, ...times.map((at) => Date.parse(at)).filter((ms) => !Number.isNaN(ms)));
}

function drillSequence(drill: RunningDrill, running: boolean, now_ms: number): Sequence {
  const count = drill.repeat === 1 ? '' : `, run ${drill.run} of ${drill.repeat}`;
  const since_ms = now_ms - startOf(drill.timeline);
  return {
    id: `${drill.id}/${drill.run}`,
    title: `Drill · ${faultTitle(drill.fault, drill.target)}${count}`,
    note: running ? `${PHASES[drill.phase]} · ${drill.message}` : 'finished',
    running,
    steps: drill.timeline,
    elapsed_ms: running && since_ms >= 0 ? since_ms : null,
    report: running ? null : drill.id,
  };
}

function moveTitle(kind: string, from: Region | null, to: Region): string {
  const name = kind.charAt(0).toUpperCase() + kind.slice(1);
  return from === null || from === to ? `${name} · ${to}` : `${name} · ${from} → ${to}`;
}

function operationSequence(record: NonNullable<StatusBody['record']>, now_ms: number): Sequence | null {
  const { operation, leader, epoch, reason } = record;
  if (operation === null) return null;
  const running = isMoving(record);
  const start_ms = Math.min(...Object.values(operation.marks).map((at) => Date.parse(at)));
  return {
    id: operation.id,
    title: moveTitle(operation.kind, operation.from, leader),
    note: `epoch ${epoch} · ${reason}`,
    running,
    steps: stepsFromMarks(operation.marks),
    elapsed_ms: running && Number.isFinite(start_ms) ? Math.max(0, now_ms - start_ms) : null,
    report: null,
  };
}

/** A finished change of leader or of mode, from the history. */
export function rowSequence(row: HistoryRow): Sequence {
  return {
    id: row.id,
    title: moveTitle(row.kind, row.from, row.leader),
    note: `epoch ${row.epoch} · ${row.reason}`,
    running: false,
    steps: stepsFromMarks(row.marks),
    elapsed_ms: null,
    report: null,
  };
}

export type Sources = {
  readonly status: StatusBody | null;
  readonly drill: CurrentDrill;
  /** The drill that was seen last, running or not. */
  readonly lastDrill: CurrentDrill;
  readonly history: readonly HistoryRow[];
};

/** A running drill before a running change of leader; with neither, the latest of what is known. */
export function currentSequence({ status, drill, lastDrill, history }: Sources): Sequence | null {
  const now_ms = Date.parse(status?.timestamp ?? '');
  if (drill !== null) return drillSequence(drill, true, now_ms);
  const record = status?.record ?? null;
  const operation = record === null ? null : operationSequence(record, now_ms);
  if (operation?.running === true) return operation;
  const row = history.find(({ marks }) => Object.keys(marks).length > 1);
  const known = [
    {
      at_ms: lastOf(lastDrill?.timeline.map(({ at }) => at) ?? []),
      show: () => lastDrill && drillSequence(lastDrill, false, now_ms),
    },
    { at_ms: lastOf(Object.values(record?.operation?.marks ?? {})), show: () => operation },
    {
      at_ms: lastOf(Object.values(row?.marks ?? {})),
      show: () => (row === undefined ? null : rowSequence(row)),
    },
  ].sort((a, b) => b.at_ms - a.at_ms);
  const latest = known[0];
  return latest === undefined || latest.at_ms === 0 ? null : latest.show();
}
