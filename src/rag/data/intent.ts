/** What the answers from data have in common: how a question becomes a fixed query, and its rows a table. */
import type { QueryResultRow } from 'pg';
import type { Column, DataTable, Photo, Source } from '../schemas.ts';
import type { PartialAnswer } from '../types.ts';
import type { Asked } from './question.ts';

/** The read-only database, as role tier0_rag_reader with a statement_timeout. Rejects with UnavailableError. */
export type ReadDatabase = {
  readonly query: <R extends QueryResultRow>(
    text: string,
    values: readonly unknown[],
  ) => Promise<{ readonly rows: R[] }>;
};

/** A question that was understood: `run` asks the one fixed query of the intent, with the parameters. */
export type Plan<D> = {
  readonly intent: string;
  readonly parameters: object;
  readonly run: (deps: D) => Promise<PartialAnswer>;
};

/** null: the question is about something else. Pure. */
export type Intent<D> = (asked: Asked) => Plan<D> | null;

export function intent<D, P extends object>(
  name: string,
  match: (asked: Asked) => P | null,
  run: (deps: D, parameters: P) => Promise<PartialAnswer>,
): Intent<D> {
  return (question) => {
    const parameters = match(question);
    if (parameters === null) return null;
    return { intent: name, parameters, run: (deps) => run(deps, parameters) };
  };
}

/** The first intent of the table that knows the question. */
export function planOf<D>(intents: readonly Intent<D>[], question: Asked): Plan<D> | null {
  for (const candidate of intents) {
    const plan = candidate(question);
    if (plan !== null) return plan;
  }
  return null;
}

/** A fixed query has computed the answer; what is left is that the question meant something else. */
const MATCHED = 0.9;

export function answered(source: Source, answer: string, data: readonly DataTable[]): PartialAnswer {
  return { source, answer, citations: [], data, confidence: MATCHED, refused: false, suggestions: [] };
}

export function refusal(source: Source, answer: string, suggestions: readonly string[]): PartialAnswer {
  return { source, answer, citations: [], data: [], confidence: 0, refused: true, suggestions };
}

type TableParts = Omit<DataTable, 'chart' | 'photos'> & {
  readonly chart?: NonNullable<DataTable['chart']>;
  readonly photos?: readonly Photo[];
};

export function table({ chart, photos, ...parts }: TableParts): DataTable {
  return { ...parts, chart: chart ?? null, photos: [...(photos ?? [])] };
}

export const text = (key: string, label: string): Column => ({ key, label, kind: 'text' });
export const number = (key: string, label: string): Column => ({ key, label, kind: 'number' });
/** A part of a whole, 0 to 1. */
export const percent = (key: string, label: string): Column => ({ key, label, kind: 'percent' });
/** ISO 8601, UTC. */
export const time = (key: string, label: string): Column => ({ key, label, kind: 'time' });

const NUMBERS = new Intl.NumberFormat('en-US', { maximumFractionDigits: 4 });

/** As a sentence writes it: 1,234.5. */
export const written = (value: number): string => NUMBERS.format(value);

/** A part of a whole as a sentence writes it: 0.1234 is 12.3 %. */
export const writtenShare = (share: number): string => `${written(Math.round(share * 1_000) / 10)} %`;

/** Shares keep three decimals, so that a table shows the tenth of a percent that the sentence writes. */
export const share = (part: number, whole: number): number =>
  whole === 0 ? 0 : Math.round((part / whole) * 100_000) / 100_000;

export const rounded = (value: number, decimals: number): number => Number(value.toFixed(decimals));

/** "1 request", "1,234 requests". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${written(count)} ${count === 1 ? one : many}`;
}

/** "a, b and c". */
export function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
