/** Intervals of time in words, in UTC. Pure. */
import type { Asked } from './question.ts';

/** [from, to) in Unix milliseconds; null: not bounded on that side. `words` completes "access log, …". */
export type TimeWindow = {
  readonly fromMs: number | null;
  readonly toMs: number | null;
  readonly words: string;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const UNITS_MS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  min: 60_000,
  hour: HOUR_MS,
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
  year: 365 * DAY_MS,
};
const MAX_COUNT = 10_000;
const MONTHS = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];
const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const SPELLED = [
  'one',
  'two',
  'three',
  'four',
  'five',
  'six',
  'seven',
  'eight',
  'nine',
  'ten',
  'eleven',
  'twelve',
];

const midnight = (ms: number): number => Math.floor(ms / DAY_MS) * DAY_MS;
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** Midnight of an ISO date; null when there is no such day, as 2026-02-30. */
function parseDay(text: string): number | null {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return Number.isNaN(ms) || dayOf(ms) !== text ? null : ms;
}

type Rule = (asked: Asked) => TimeWindow | null;

const DAY = '(\\d{4}-\\d{2}-\\d{2})';

const betweenDays: Rule = ({ text }) => {
  const found = new RegExp(`\\b(?:between|from) ${DAY} (?:and|to|until|till|-) ${DAY}\\b`).exec(text);
  const first = parseDay(found?.[1] ?? '');
  const last = parseDay(found?.[2] ?? '');
  if (first === null || last === null || last < first) return null;
  return { fromMs: first, toMs: last + DAY_MS, words: `from ${dayOf(first)} to the end of ${dayOf(last)}` };
};

const sinceOrUntilDay: Rule = ({ text }) => {
  const found = new RegExp(`\\b(since|after|from|before|until) ${DAY}\\b`).exec(text);
  const day = parseDay(found?.[2] ?? '');
  if (day === null) return null;
  switch (found?.[1]) {
    case 'before':
    case 'until':
      return { fromMs: null, toMs: day, words: `before ${dayOf(day)}` };
    case 'after':
      return { fromMs: day + DAY_MS, toMs: null, words: `after ${dayOf(day)}` };
    default:
      return { fromMs: day, toMs: null, words: `since ${dayOf(day)}` };
  }
};

const onDay: Rule = ({ text }) => {
  const day = parseDay(new RegExp(`\\b${DAY}\\b`).exec(text)?.[1] ?? '');
  return day === null ? null : { fromMs: day, toMs: day + DAY_MS, words: `on ${dayOf(day)}` };
};

const lastUnits: Rule = ({ text, nowMs }) => {
  const found =
    /\b(?:last|past|previous) (?:(\d{1,5}|[a-z]+) )?(second|minute|min|hour|day|week|month|year)s?\b/.exec(
      text,
    );
  const unit = found?.[2];
  if (unit === undefined) return null;
  const widthMs = UNITS_MS[unit];
  const count = countOf(found?.[1]);
  if (widthMs === undefined || count === null) return null;
  const words = count === 1 ? `the last ${unit}` : `the last ${count} ${unit}s`;
  return {
    fromMs: nowMs - count * widthMs,
    toMs: null,
    words: count === 1 && unit === 'day' ? 'the last 24 hours' : words,
  };
};

function countOf(text: string | undefined): number | null {
  if (text === undefined) return 1;
  const spelled = SPELLED.indexOf(text) + 1;
  if (spelled > 0) return spelled;
  const count = /^\d+$/.test(text) ? Number(text) : 0;
  return count >= 1 && count <= MAX_COUNT ? count : null;
}

const namedDay: Rule = ({ text, nowMs }) => {
  const today = midnight(nowMs);
  if (/\bsince yesterday\b/.test(text)) {
    return { fromMs: today - DAY_MS, toMs: null, words: 'since yesterday, midnight UTC' };
  }
  if (/\byesterday\b/.test(text))
    return { fromMs: today - DAY_MS, toMs: today, words: `yesterday (${dayOf(today - DAY_MS)}, UTC)` };
  if (/\btoday\b|\bsince midnight\b/.test(text))
    return { fromMs: today, toMs: null, words: `today (${dayOf(today)}, UTC)` };
  const weekday = WEEKDAYS.findIndex((name) => new RegExp(`\\b(?:since|on|last) ${name}\\b`).test(text));
  if (weekday === -1) return null;
  const back = (new Date(today).getUTCDay() - weekday + 7) % 7;
  const day = today - back * DAY_MS;
  const name = WEEKDAYS[weekday] ?? '';
  return text.includes(`since ${name}`)
    ? { fromMs: day, toMs: null, words: `since ${dayOf(day)}` }
    : { fromMs: day, toMs: day + DAY_MS, words: `on ${dayOf(day)}` };
};

const thisPeriod: Rule = ({ text, nowMs }) => {
  const now = new Date(nowMs);
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  switch (/\bthis (hour|week|month|year)\b/.exec(text)?.[1]) {
    case 'hour':
      return { fromMs: Math.floor(nowMs / HOUR_MS) * HOUR_MS, toMs: null, words: 'this hour' };
    case 'week': {
      const monday = midnight(nowMs) - ((now.getUTCDay() + 6) % 7) * DAY_MS;
      return { fromMs: monday, toMs: null, words: `this week (since ${dayOf(monday)}, UTC)` };
    }
    case 'month':
      return { fromMs: Date.UTC(year, month), toMs: null, words: 'this month (UTC)' };
    case 'year':
      return { fromMs: Date.UTC(year, 0), toMs: null, words: 'this year (UTC)' };
    default:
      return null;
  }
};

const inMonthOrYear: Rule = ({ text }) => {
  const month = new RegExp(`\\b(${MONTHS.join('|')}) ((?:19[7-9]|20)\\d\\d)\\b`).exec(text);
  if (month !== null) {
    const [index, year] = [MONTHS.indexOf(month[1] ?? ''), Number(month[2])];
    return {
      fromMs: Date.UTC(year, index),
      toMs: Date.UTC(year, index + 1),
      words: `in ${month[1]} ${year} (UTC)`,
    };
  }
  const found = /\b(in|during|since) ((?:19[7-9]|20)\d\d)\b/.exec(text);
  if (found === null) return null;
  const year = Number(found[2]);
  return found[1] === 'since'
    ? { fromMs: Date.UTC(year, 0), toMs: null, words: `since ${year}` }
    : { fromMs: Date.UTC(year, 0), toMs: Date.UTC(year + 1, 0), words: `in ${year} (UTC)` };
};

const RULES: readonly Rule[] = [
  betweenDays,
  sinceOrUntilDay,
  onDay,
  lastUnits,
  namedDay,
  thisPeriod,
  inMonthOrYear,
];

/** The first interval that the question names; everything that is kept when it names none. */
export function windowAsked(asked: Asked): TimeWindow {
  for (const rule of RULES) {
    const window = rule(asked);
    if (window !== null) return window;
  }
  return { fromMs: null, toMs: null, words: 'everything that is kept' };
}
