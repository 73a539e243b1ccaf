/**
 * Sentences and rows of the passages that were found, the likeliest answer first. The weights are those of a logistic
 * choice among the sentences of the first five passages, fitted on one half of XQuAD's English questions and checked
 * on the other (docs/results; npx tier0 eval rag).
 */
import type { Evidence } from '../search/evidence.ts';
import { sentences } from '../text/sentences.ts';
import { type Token, tokens } from '../text/tokens.ts';
import type { Hit } from '../types.ts';
import { type Expected, expectedOf, hasExpected } from './expected.ts';
import { type Row, type Table, tableOf } from './table.ts';

const WEIGHTS = {
  passage: 5,
  lexical: 3.8,
  semantic: 6.5,
  evidence: 7,
  expected: 1.25,
  /** A name in the question says which passage is meant, rarely which sentence: that one says "he" or "it". */
  names: -0.75,
  around: -0.4,
  /** Below: by judgement. What was aimed at is not what came about; another year is not the year. */
  target: -4,
  otherYear: -4,
  /** "Tier 2" where tier 1 is asked for. */
  otherNumber: -5,
  /** A sentence without a number does not say how many. */
  noNumber: -3,
  /** A row has figures; names and days stand in sentences. */
  rowOfNoFigures: -2,
} as const;

export type Candidate = {
  readonly hit: Hit;
  /** An exact part of the passage. */
  readonly text: string;
  readonly at: number;
  /** null: it is a sentence. */
  readonly row: { readonly table: Table; readonly row: Row } | null;
  readonly evidence: number;
  readonly expected: boolean | null;
  readonly score: number;
};

/** What is asked of a question once, however many sentences are looked at. */
export type Asked = {
  readonly question: string;
  readonly expected: Expected;
  readonly names: readonly string[];
  readonly years: readonly string[];
  /** Words with the numbers that name what is meant: tier 1, phase 2. */
  readonly numbered: readonly { readonly word: string; readonly number: string }[];
  readonly asksForTarget: boolean;
  readonly evidence: Evidence;
};

const NAMES = /(?<!^)\b\p{Lu}\p{L}+|\d+/gu;
const NUMBERED = /\b(\p{L}{3,}) (\d{1,3})\b(?!\s*%)/gu;
const YEAR = /\b(?:19|20)\d\d\b/g;
/** Words of what is aimed at. */
export const TARGET =
  /\b(targets?|thresholds?|maximum|budget(?:ed)?|forecasts?|goals?|planned|outlook|guidance|stretch)\b/i;

export function asked(question: string, evidence: Evidence): Asked {
  return {
    question,
    expected: expectedOf(question),
    names: Array.from(question.matchAll(NAMES), ([name]) => name.toLowerCase()),
    years: question.match(YEAR) ?? [],
    numbered: Array.from(question.matchAll(NUMBERED), ([, word = '', number = '']) => ({ word, number })),
    asksForTarget: TARGET.test(question),
    evidence,
  };
}

/** Share of the question's names that a text has; null when the question has none. */
export function namesIn({ names }: Asked, text: string): number | null {
  if (names.length === 0) return null;
  const lower = text.toLowerCase();
  return names.filter((name) => lower.includes(name)).length / names.length;
}

type Unit = {
  readonly text: string;
  readonly at: number;
  readonly read: readonly Token[];
  readonly row: Candidate['row'];
};

/** Of a row, its header is read with it. */
function unitsOf(hit: Hit): Unit[] {
  const { passage } = hit;
  const table = tableOf(passage);
  if (table === null) {
    return sentences(passage.content).map(({ text, at }) => ({ text, at, read: tokens(text), row: null }));
  }
  const above = `${passage.heading} ${table.headerText}`;
  return table.rows.map((row) => ({
    text: row.text,
    at: row.at,
    read: tokens(`${above} ${row.text}`),
    row: { table, row },
  }));
}

/** Numbers that stand after a word: "tier 1 and 2", "tier 1 and tier 2". */
function numbersAfter(word: string, text: string): string[] {
  const pattern = new RegExp(`\\b${word}s? (\\d{1,3}(?:\\s*(?:,|and|&|or|/|-)\\s*\\d{1,3})*)\\b`, 'giu');
  return Array.from(text.matchAll(pattern), ([, numbers = '']) => numbers.match(/\d+/g) ?? []).flat();
}

/** Whether a sentence tells of every one of several numbered things that are asked for. */
export function tellsEach({ numbered }: Asked, text: string): boolean {
  return (
    numbered.length > 1 && numbered.every(({ word, number }) => numbersAfter(word, text).includes(number))
  );
}

/** Share of the numbered things asked for that are missing where others of the kind stand. */
function missingNumbers({ numbered }: Asked, text: string): number {
  const asked = numbered.map(({ word, number }) => ({ number, found: numbersAfter(word, text) }));
  const named = asked.filter(({ found }) => found.length > 0);
  return named.filter(({ number, found }) => !found.includes(number)).length / Math.max(1, asked.length);
}

/** What counts against a sentence that has all the right words. */
function traps(what: Asked, { text, row }: Unit, { document, passage }: Hit): number {
  let against = 0;
  const here = row === null ? text : `${row.table.headerText} ${text}`;
  if (what.asksForTarget !== TARGET.test(here)) against += WEIGHTS.target;
  against += WEIGHTS.otherNumber * missingNumbers(what, row === null ? text : (row.row.cells[0] ?? ''));
  if (what.years.length > 0 && !what.years.some((year) => here.includes(year))) {
    const others = here.match(YEAR) !== null;
    const around = `${document.title} ${passage.heading} ${passage.content}`;
    const named = what.years.some((year) => around.includes(year));
    if (others || !named) against += WEIGHTS.otherYear * (others ? 1 : 0.5);
  }
  return against;
}

/** Of a row and its header alone: its heading stands above its neighbours as well. The row of a chart is only a year. */
function ownEvidence(
  { evidence }: Asked,
  { table, row }: NonNullable<Candidate['row']>,
  { passage }: Hit,
): number {
  const chart = /^(19|20)\d\d$/.test(row.cells[0] ?? '');
  const heading = chart ? (passage.heading.split(' > ').at(-1) ?? '') : '';
  return evidence.of(tokens(`${heading} ${row.text} ${table.headerText}`));
}

function unfit(kind: Expected, met: boolean | null, { row }: Unit): number {
  if (kind === 'count' || kind === 'number' || kind === 'percent')
    return met === false ? WEIGHTS.noNumber : 0;
  return row !== null && (kind === 'name' || kind === 'date') ? WEIGHTS.rowOfNoFigures : 0;
}

/** Figures mean little to an encoder: a table is not worse for it than the other passages are, `usual`. */
function scoreOf(what: Asked, hit: Hit, unit: Unit, own: number, around: number, usual: number): number {
  const expected = hasExpected(what.expected, unit.text, what.question);
  const isRow = unit.row !== null;
  return (
    WEIGHTS.passage * hit.score +
    WEIGHTS.lexical * hit.lexical +
    WEIGHTS.semantic * (isRow ? Math.max(usual, hit.semantic) : hit.semantic) +
    WEIGHTS.evidence * own +
    WEIGHTS.expected * (expected === null ? 0 : expected ? 1 : -1) +
    WEIGHTS.names * (namesIn(what, unit.text) ?? 0.5) +
    WEIGHTS.around * (isRow ? 0 : around) +
    traps(what, unit, hit) +
    unfit(what.expected, expected, unit)
  );
}

/** All of them, best first. `hits`: the first passages. */
export function candidates(what: Asked, hits: readonly Hit[]): Candidate[] {
  const usual = hits.reduce((sum, { semantic }) => sum + semantic, 0) / Math.max(1, hits.length);
  return hits
    .flatMap((hit) => {
      const units = unitsOf(hit);
      const evidence = units.map(({ read, row }) =>
        row === null ? what.evidence.of(read) : (what.evidence.of(read) + ownEvidence(what, row, hit)) / 2,
      );
      return units.map((unit, index): Candidate => {
        const own = evidence[index] ?? 0;
        const around = Math.max(evidence[index - 1] ?? 0, evidence[index + 1] ?? 0);
        const { text, at, row } = unit;
        const expected = hasExpected(what.expected, text, what.question);
        return {
          hit,
          text,
          at,
          row,
          evidence: own,
          expected,
          score: scoreOf(what, hit, unit, own, around, usual),
        };
      });
    })
    .sort((a, b) => b.score - a.score);
}
