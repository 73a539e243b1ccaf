/** Names of steps and phases as people read them. */

const STEPS: Readonly<Record<string, string>> = {
  fault: 'Fault',
  suspected: 'Suspected',
  requested: 'Requested',
  recorded: 'Recorded',
  fenced: 'Fenced',
  promoted: 'Promoted',
  serving: 'Serving',
  routed: 'Routed',
  first_good_write: 'First good write',
  first_telemetry: 'First telemetry',
  healed: 'Healed',
  strict: 'Strict again',
};

/** What each step means, for the legend and the report. */
export const STEP_MEANINGS: readonly (readonly [step: string, meaning: string])[] = [
  ['fault', 'the drill has broken it'],
  ['suspected', 'an agent has proof, or silence for long enough'],
  ['recorded', 'the new leader is in the record, by compare-and-set in etcd'],
  ['fenced', 'the old leader can acknowledge no write any more'],
  ['promoted', 'PostgreSQL writes on a new timeline'],
  ['serving', 'the gate is open'],
  ['routed', 'every router sends writes to the new leader'],
  ['first_good_write', 'a client that wrote after the fault has its acknowledgement'],
];

/** `first_good_write` → First good write; a step of a newer server keeps its own words. */
export function stepLabel(step: string): string {
  const words = step.replaceAll('_', ' ');
  return STEPS[step] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

const COUNT = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });

/** Milliseconds as measured, not rounded to seconds before ten of them: 4 ms, 1,204 ms, 12.3 s, 3 min 20 s. */
export function formatMeasured(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 9.95 && ms % 1 !== 0) return `${ms.toFixed(1)} ms`;
  if (ms < 10_000) return `${COUNT.format(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

/** 99.99999 % of a year, in seconds that may fail. */
export const YEARLY_BUDGET_S = 3.16;

/** A part of the yearly budget in percent: 0 %, < 0.1 %, 12.7 %, 241 %. */
export function formatBudgetShare(spent_s: number): string {
  const pct = (spent_s / YEARLY_BUDGET_S) * 100;
  if (pct === 0) return '0 %';
  if (pct < 0.1) return '< 0.1 %';
  return `${pct.toFixed(pct < 100 ? 1 : 0)} %`;
}

/** Text cut to at most `chars` characters; what is cut shows as an ellipsis. */
export function clip(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, Math.max(0, chars - 1)).trimEnd()}…`;
}
