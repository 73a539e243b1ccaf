/** The promise and its arithmetic: what may be claimed after so many observed seconds. Pure. */
import { type Static, Type } from 'typebox';

/** Good: answered correctly within 5 s. */
export const OBJECTIVE = 0.9999999;
export const GOOD_MS = 5_000;
const YEAR_S = 365.25 * 86_400;
/** 3.16 s: what the objective leaves of a year. */
export const BUDGET_S_PER_YEAR = YEAR_S * (1 - OBJECTIVE);
export const BUDGET_WINDOW_S = 365 * 86_400;

export const PROBES = ['read', 'write', 'ask', 'publish'] as const;
export const ProbeName = Type.Union([
  Type.Literal('read'),
  Type.Literal('write'),
  Type.Literal('ask'),
  Type.Literal('publish'),
]);
export type ProbeName = Static<typeof ProbeName>;

/** Of a claim that is to be wrong at most once in twenty times. */
const CONFIDENCE = 0.95;

export type Claim = {
  /** Measured: good seconds of those observed; null before the first. */
  readonly availability: number | null;
  /** 95 % of the time the truth is no worse than this: the exact Poisson bound on the bad seconds. */
  readonly at_least: number | null;
  /** What so short a time can show at best: one second among those observed. */
  readonly at_best: number | null;
  /** A sentence for people. */
  readonly text: string;
};

/**
 * Upper bound of a Poisson mean of which `events` were seen, at 95 % (Garwood 1936): the mean at which so few would be
 * seen once in twenty times. For no events it is 3.0, the rule of three.
 */
export function poissonUpperBound(events: number): number {
  let low = events;
  let high = events + 10 + 5 * Math.sqrt(events + 1);
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (poissonAtMost(events, middle) > 1 - CONFIDENCE) low = middle;
    else high = middle;
  }
  return high;
}

/** P(X <= events) of a Poisson variable; summed in logarithms, since e^-mean underflows for long outages. */
function poissonAtMost(events: number, mean: number): number {
  let logTerm = -mean;
  let sum = Math.exp(logTerm);
  for (let k = 1; k <= events; k++) {
    logTerm += Math.log(mean / k);
    sum += Math.exp(logTerm);
  }
  return sum;
}

/** Above so many the normal approximation is as good as the exact sum, and the sum takes long. */
const EXACT_MAX = 10_000;

/** What `observedS` seconds with `badS` bad ones allow to say. */
export function claim(observedS: number, badS: number): Claim {
  if (observedS === 0)
    return { availability: null, at_least: null, at_best: null, text: 'nothing was observed yet' };
  const availability = 1 - badS / observedS;
  const bound = badS <= EXACT_MAX ? poissonUpperBound(badS) : badS + 1.645 * Math.sqrt(badS);
  const atBest = 1 - 1 / observedS;
  const observed = `${duration(observedS)} observed`;
  const text =
    badS === 0
      ? `${observed}, none bad: at best ${percent(atBest)} can be claimed`
      : `${observed}, ${duration(badS)} bad: ${percent(availability)}`;
  return { availability, at_least: Math.max(0, 1 - bound / observedS), at_best: atBest, text };
}

/** As many nines as are earned and one digit more where they are not: 99.99 %, 99.9 %, 98.2 %. Never rounded up. */
export function percent(share: number): string {
  if (share >= 1) return '100 %';
  if (share < 0.9) return `${(Math.floor(share * 1_000) / 10).toFixed(1)} %`;
  // One unit in the last place is forgiven: 1 - 1e-7 is not quite representable.
  const nines = Math.floor(-Math.log10(1 - share) + 1e-9);
  const digits = Math.max(nines - 2, 0);
  const scale = 10 ** digits;
  return `${(Math.floor(share * 100 * scale + 1e-6) / scale).toFixed(digits)} %`;
}

/** 45 s, 12 min, 3 h, 5 d: the largest unit that is full. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.round(seconds)} s`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.floor(seconds / 3_600)} h`;
  return `${Math.floor(seconds / 86_400)} d`;
}
