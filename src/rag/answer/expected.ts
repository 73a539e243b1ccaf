/** What kind of thing a question asks for, and whether a sentence has one that the question does not. Pure. */
import { type Token, tokens } from '../text/tokens.ts';

export type Expected = 'count' | 'number' | 'date' | 'name' | 'percent' | 'any';

const RULES: readonly (readonly [RegExp, Expected])[] = [
  [/\b(what|which) (percentage|percent|share|proportion)\b|\bhow many percent\b/i, 'percent'],
  [/\bhow many\b|\b(what|which) (is|was|were|are) the number of\b/i, 'count'],
  [/\bhow (much|old|long|far|often|big|large|high|tall|deep|wide|fast|hot|cold|heavy)\b/i, 'number'],
  [
    /\bwhat (is|was|were|are) the (\w+ ){0,3}(number|amount|total|temperature|pressure|age|population|size|cost|price|rate|limit|count|score|value|length|height|distance|speed|area)\b/i,
    'number',
  ],
  [
    /^\s*when\b|\b(what|which|in which|in what) (year|date|month|day|century|decade|time)\b|\bsince when\b/i,
    'date',
  ],
  [/^\s*(who|whom|whose)\b|\b(by|to|with|for|from) whom\b|\bwho\b/i, 'name'],
  [
    /^\s*where\b|\b(what|which) (\w+ )?(city|country|state|town|place|person|team|company|region|river|school|university|nation|county|player|site|location|area)\b/i,
    'name',
  ],
];

export function expectedOf(question: string): Expected {
  return RULES.find(([rule]) => rule.test(question))?.[1] ?? 'any';
}

const NUMBER_WORD =
  /^(zero|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion|half|third|quarter|dozen|twice)s?$/i;
const DATE_WORD =
  /^(january|february|march|april|may|june|july|august|september|october|november|december|century|centuries|spring|summer|autumn|winter|monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|yesterday)$/i;

const isNumber = (raw: string): boolean => /\d/.test(raw) || NUMBER_WORD.test(raw);
const isDate = (raw: string): boolean => /^\d{3,4}s?$/.test(raw) || DATE_WORD.test(raw);
/** A capital that does not only begin the sentence. */
const isName = ({ raw, at }: Token): boolean => at > 0 && /^\p{Lu}/u.test(raw);

/** Shares, years and pages are no counts. */
const isFigure =
  (text: string) =>
  (token: Token): boolean =>
    isNumber(token.raw) &&
    !/^(19|20)\d\d$/.test(token.raw) &&
    !/^\s*(%|percent|per cent)/i.test(text.slice(token.at + token.raw.length)) &&
    !/\bpages?\s+(\d+[-–])?$/i.test(text.slice(0, token.at));

/** Amounts of money are none. */
const isCount =
  (text: string) =>
  (token: Token): boolean =>
    isFigure(text)(token) &&
    !/[$£€]\s*$/.test(text.slice(0, token.at)) &&
    !/^\s*(million|billion|[mb]n)\b/i.test(text.slice(token.at + token.raw.length));

/** Whether there is one that the question does not say itself; null when it asks for nothing in particular. */
export function hasExpected(expected: Expected, text: string, question: string): boolean | null {
  if (expected === 'any') return null;
  const said = new Set(tokens(question).map(({ stem }) => stem));
  const fresh = tokens(text).filter(({ stem }) => !said.has(stem));
  switch (expected) {
    case 'count':
      return fresh.some(isCount(text));
    case 'number':
      return fresh.some(isFigure(text));
    case 'percent':
      return /\d\s*(%|percent|per cent)/i.test(text);
    case 'date':
      return fresh.some(({ raw }) => isDate(raw));
    case 'name':
      return fresh.some(isName);
    default:
      return expected satisfies never;
  }
}
