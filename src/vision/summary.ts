/** Scores by site and by type, their course, and how right the detector is. Pure. */
import type { Figures } from './records/store.ts';
import type { Group, SummaryBody } from './schemas.ts';
import { GEAR } from './score.ts';

type Totals = SummaryBody['all'];

function totals(figures: readonly Figures[]): Totals {
  const sum: Totals = {
    images: figures.length,
    scored: 0,
    people: 0,
    avg_compliance: null,
    violations: 0,
    hard_hat: { yes: 0, no: 0, unknown: 0 },
    vest: { yes: 0, no: 0, unknown: 0 },
    equipment: { yes: 0, no: 0, unknown: 0 },
  };
  let scores = 0;
  for (const { compliance_score: score, counts, violation } of figures) {
    if (score !== null) {
      sum.scored += 1;
      scores += score;
    }
    const { yes, no, unknown } = counts.hard_hat;
    sum.people += yes + no + unknown;
    sum.violations += violation ? 1 : 0;
    for (const gear of GEAR) {
      for (const value of ['yes', 'no', 'unknown'] as const) sum[gear][value] += counts[gear][value];
    }
  }
  return { ...sum, avg_compliance: sum.scored === 0 ? null : rounded(scores / sum.scored) };
}

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** The lowest score first; groups without one last. */
function groups(figures: readonly Figures[], by: 'site_id' | 'device_type'): Group[] {
  const members = Map.groupBy(figures, (one) => one[by]);
  return [...members]
    .map(([name, own]) => ({ name, newest_at: own[0]?.taken_at ?? null, ...totals(own) }))
    .sort((a, b) => (a.avg_compliance ?? 101) - (b.avg_compliance ?? 101) || a.name.localeCompare(b.name));
}

/** `figures` are the newest first. Steps are whole seconds from the oldest photo to the newest. */
function trend(figures: readonly Figures[], points: number): SummaryBody['trend'] {
  const times = figures.map(({ taken_at }) => Date.parse(taken_at));
  const [newest, oldest] = [times[0], times.at(-1)];
  if (newest === undefined || oldest === undefined) {
    return { from: null, step_s: 1, avg_compliance: [], images: [] };
  }
  const step = Math.max(1, Math.ceil((newest - oldest + 1) / 1_000 / points));
  const count = Math.floor((newest - oldest) / 1_000 / step) + 1;
  const steps = Array.from({ length: count }, () => ({ images: 0, scored: 0, sum: 0 }));
  for (const [index, { compliance_score: score }] of figures.entries()) {
    const one = steps[Math.floor(((times[index] ?? oldest) - oldest) / 1_000 / step)];
    if (one === undefined) continue;
    one.images += 1;
    if (score === null) continue;
    one.scored += 1;
    one.sum += score;
  }
  return {
    from: new Date(oldest).toISOString(),
    step_s: step,
    avg_compliance: steps.map(({ scored, sum }) => (scored === 0 ? null : rounded(sum / scored))),
    images: steps.map(({ images }) => images),
  };
}

function precision(figures: readonly Figures[], of: 'hard_hat' | 'vest' | 'equipment' | 'person') {
  let [reviewed, right] = [0, 0];
  for (const { review } of figures) {
    reviewed += review?.[of].said ?? 0;
    right += review?.[of].right ?? 0;
  }
  return { reviewed, right, precision: reviewed === 0 ? null : right / reviewed };
}

/** `figures`: of the photos that match, the newest first. */
export function summary(figures: readonly Figures[], points: number): SummaryBody {
  return {
    all: totals(figures),
    sites: groups(figures, 'site_id'),
    device_types: groups(figures, 'device_type'),
    trend: trend(figures, points),
    detector: {
      reviewed_images: figures.filter(({ review }) => review !== null).length,
      hard_hat: precision(figures, 'hard_hat'),
      vest: precision(figures, 'vest'),
      equipment: precision(figures, 'equipment'),
      person: precision(figures, 'person'),
    },
  };
}

/** The most frequent first, each counted once a photo. */
export function words(keywords: readonly (readonly string[])[], limit: number) {
  const counts = new Map<string, number>();
  for (const word of keywords.flat()) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts]
    .map(([word, images]) => ({ word, images }))
    .sort((a, b) => b.images - a.images || a.word.localeCompare(b.word))
    .slice(0, limit);
}
