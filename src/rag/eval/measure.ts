/** Measures of ranking and answering over a set of questions. Pure but for the clock. */

import { monotonicMs } from '../../lib/clock.ts';
import { answerFromHits, LOOKED_AT } from '../answer/answer.ts';
import { asked, candidates } from '../answer/candidates.ts';
import type { SearchIndex } from '../search/index.ts';
import type { Hit } from '../types.ts';
import type { QuestionSet } from './question-set.ts';

const DEPTH = 10;
/** As the service asks for: the passages of the paragraph that is taken away must not be all of them. */
const FETCHED = 30;

export type Question = QuestionSet['qs'][number] & { readonly vector: Float32Array };

/** What came of one question. */
type Outcome = {
  readonly ndcg: number;
  readonly recall5: boolean;
  /** Place of the first sentence that has the answer; null: none of the first three. */
  readonly answerAt: number | null;
  readonly confidence: number;
  readonly refused: boolean;
  /** When the paragraph with the answer is not there. */
  readonly refusedWithout: boolean;
  readonly ms: number;
};

/** Discounted cumulative gain at 10 against the best order (Järvelin & Kekäläinen 2002). */
export function ndcgAt10(ranked: readonly string[], relevance: Readonly<Record<string, number>>): number {
  const gain = (values: readonly number[]): number =>
    values.slice(0, DEPTH).reduce((sum, value, place) => sum + value / Math.log2(place + 2), 0);
  const best = gain(Object.values(relevance).sort((a, b) => b - a));
  return best === 0 ? 0 : gain(ranked.map((id) => relevance[id] ?? 0)) / best;
}

export class Measurement {
  readonly #index: SearchIndex;
  readonly #set: QuestionSet;
  readonly #paragraphOf: ReadonlyMap<string, string>;
  readonly #titles: readonly string[];

  constructor(index: SearchIndex, set: QuestionSet) {
    this.#index = index;
    this.#set = set;
    this.#paragraphOf = new Map(set.docs.map(({ id, para }) => [id, String(para ?? id)]));
    this.#titles = ['the set'];
  }

  /** `share`: of the words in a passage's score; see SearchIndex.search. */
  ask({ id, text, answer, vector }: Question, share: number | undefined): Outcome {
    const startedMs = monotonicMs();
    const hits = this.#index.search(text, vector, FETCHED, share);
    const evidence = this.#index.evidenceFor(text);
    const given = answerFromHits(text, hits, evidence, this.#titles);
    const ms = monotonicMs() - startedMs;
    const relevance = this.#set.qr[id] ?? {};
    const ranked = hits.map(({ document }) => document.documentId);
    const said = candidates(asked(text, evidence), hits.slice(0, LOOKED_AT)).slice(0, 3);
    const at = answer === undefined ? -1 : said.findIndex((one) => one.text.includes(answer));
    return {
      ndcg: ndcgAt10(ranked, relevance),
      recall5: ranked.slice(0, 5).some((document) => (relevance[document] ?? 0) > 0),
      answerAt: at === -1 ? null : at,
      confidence: given.confidence,
      refused: given.refused,
      refusedWithout: answerFromHits(text, this.#without(id, hits), evidence, this.#titles).refused,
      ms,
    };
  }

  #without(question: string, hits: readonly Hit[]): Hit[] {
    const relevant = Object.keys(this.#set.qr[question] ?? {});
    const gone = new Set(relevant.map((document) => this.#paragraphOf.get(document)));
    return hits.filter(({ document }) => !gone.has(this.#paragraphOf.get(document.documentId)));
  }
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
const share = <T>(values: readonly T[], holds: (value: T) => boolean): number =>
  mean(values.map((value) => (holds(value) ? 1 : 0)));

export type Summary = Readonly<Record<keyof typeof COLUMNS, number>>;

/** Of a table: key and heading. */
export const COLUMNS = {
  ndcg10: 'nDCG@10',
  recall5: 'recall@5',
  first: 'answer first',
  firstThree: 'in first 3',
  confidentHalf: 'confident half',
  refusedWithout: 'refused, no answer',
  refused: 'refused, answerable',
  p50Ms: 'p50 ms',
} as const;

export function summarize(outcomes: readonly Outcome[]): Summary {
  const confident = outcomes
    .toSorted((a, b) => b.confidence - a.confidence)
    .slice(0, Math.ceil(outcomes.length / 2));
  const times = outcomes.map(({ ms }) => ms).sort((a, b) => a - b);
  return {
    ndcg10: mean(outcomes.map(({ ndcg }) => ndcg)),
    recall5: share(outcomes, ({ recall5 }) => recall5),
    first: share(outcomes, ({ answerAt }) => answerAt === 0),
    firstThree: share(outcomes, ({ answerAt }) => answerAt !== null),
    confidentHalf: share(confident, ({ answerAt }) => answerAt === 0),
    refusedWithout: share(outcomes, ({ refusedWithout }) => refusedWithout),
    refused: share(outcomes, ({ refused }) => refused),
    p50Ms: times[Math.floor(times.length / 2)] ?? 0,
  };
}
