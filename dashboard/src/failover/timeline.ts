/** Steps of a fault or a move on one axis in milliseconds since it began. */

export type Step = { readonly step: string; readonly after_ms: number };

/** What comes after the outage has ended: it takes seconds, and would press the outage into a corner. */
const LATE_STEPS: ReadonlySet<string> = new Set(['healed', 'strict']);

/** The promise that the axis is held against. */
export const TARGET_MS = 1000;

/** Marks (ISO times by step) as steps after the first of them. Unreadable times are left out. */
export function stepsFromMarks(marks: Readonly<Record<string, string>>): Step[] {
  const timed = Object.entries(marks)
    .map(([step, at]) => ({ step, at_ms: Date.parse(at) }))
    .filter(({ at_ms }) => !Number.isNaN(at_ms))
    .sort((a, b) => a.at_ms - b.at_ms);
  const start_ms = timed[0]?.at_ms ?? 0;
  return timed.map(({ step, at_ms }) => ({ step, after_ms: at_ms - start_ms }));
}

export type OutageEnd = { readonly step: string; readonly after_ms: number };

/**
 * The step that ends the outage: the first good write where a client measured it, else the last step of the
 * agents that lets writes through. Null while neither has come.
 */
export function outageEnd(steps: readonly Step[]): OutageEnd | null {
  for (const name of ['first_good_write', 'routed', 'serving']) {
    const found = steps.find(({ step }) => step === name);
    if (found !== undefined) return found;
  }
  return null;
}

export type TimeScale = {
  readonly x: (after_ms: number) => number;
  readonly ticks: readonly { readonly ms: number; readonly x: number }[];
  /** Where the axis is cut; to the right of it only the order of things is to scale. Null: not cut. */
  readonly cut_x: number | null;
};

const ENDS_MS = [
  1000, 1500, 2000, 3000, 5000, 8000, 10_000, 15_000, 20_000, 30_000, 60_000, 120_000, 300_000,
];
const CORE_SHARE = 0.74;
const CUT_PX = 14;
const TICK_PX = 84;

/** A round number that `value_ms` fits below. */
function roundEnd(value_ms: number): number {
  return ENDS_MS.find((end) => end >= value_ms) ?? Math.ceil(value_ms / 60_000) * 60_000;
}

function tickStep(end_ms: number, width_px: number): number {
  const most = Math.max(1, Math.floor(width_px / TICK_PX));
  const steps = [100, 200, 250, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000];
  return steps.find((step) => end_ms / step <= most) ?? end_ms;
}

/**
 * The scale for `width_px`. It shows one second at least, so that two runs look alike when they are. Late
 * steps stand behind a cut. `elapsed_ms` is the present of a running sequence, else null.
 */
export function timeScale(steps: readonly Step[], elapsed_ms: number | null, width_px: number): TimeScale {
  const early = steps.filter(({ step }) => !LATE_STEPS.has(step)).map(({ after_ms }) => after_ms);
  const open = elapsed_ms !== null && outageEnd(steps) === null;
  const end_ms = roundEnd(Math.max(TARGET_MS, ...early, open ? elapsed_ms : 0));
  const late = steps.filter(({ after_ms }) => after_ms > end_ms).map(({ after_ms }) => after_ms);
  const cut = late.length > 0 || (elapsed_ms !== null && !open && elapsed_ms > end_ms);
  const core_px = cut ? width_px * CORE_SHARE : width_px;
  const last_ms = Math.max(end_ms + 1, ...late, elapsed_ms ?? 0);
  const x = (after_ms: number): number => {
    if (after_ms <= end_ms || !cut) return (Math.min(after_ms, end_ms) / end_ms) * core_px;
    const tail_px = width_px - core_px - CUT_PX;
    return core_px + CUT_PX + ((after_ms - end_ms) / (last_ms - end_ms)) * tail_px;
  };
  const step_ms = tickStep(end_ms, core_px);
  const ticks = [];
  for (let ms = 0; ms <= end_ms; ms += step_ms) ticks.push({ ms, x: x(ms) });
  return { x, ticks, cut_x: cut ? core_px + CUT_PX / 2 : null };
}

export type Placed = { readonly x: number; readonly lane: number; readonly left: boolean };

const GAP_PX = 10;

/**
 * Lanes for labels that hang below their points. From right to left: a label goes into the first lane where it
 * fits, so that the stem of a later lane never runs through a label to its right. A label that would leave
 * the picture extends to the left of its point instead.
 */
export function placeLabels(points: readonly { x: number; width: number }[], width_px: number): Placed[] {
  const taken: { from: number; to: number }[][] = [];
  const placed: Placed[] = [];
  const order = points
    .map((point, index) => ({ ...point, index }))
    .sort((a, b) => b.x - a.x || b.index - a.index);
  for (const { x, width, index } of order) {
    const left = x + width > width_px && x - width >= 0;
    const span = left ? { from: x - width, to: x } : { from: x, to: x + width };
    const free = (lane: number) =>
      (taken[lane] ?? []).every(({ from, to }) => span.to + GAP_PX <= from || to + GAP_PX <= span.from);
    let lane = 0;
    while (!free(lane)) lane += 1;
    const row = taken[lane] ?? [];
    row.push(span);
    taken[lane] = row;
    placed[index] = { x, lane, left };
  }
  return placed;
}
