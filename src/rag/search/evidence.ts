/** How much of what a question says a sentence has, 0 to 1. */
import { sentences } from '../text/sentences.ts';
import { type Token, tokens } from '../text/tokens.ts';

/** Two words of the question that stand in the sentence within so many words of each other belong together. */
const NEAR = 2;
/** Share of the pairs. */
const PAIRS = 0.3;

export class Evidence {
  readonly #words: readonly (readonly string[])[];
  readonly #worth: readonly number[];
  readonly #total: number;

  /** `worth`: what a word says, its inverse document frequency. */
  constructor(words: readonly (readonly string[])[], worth: (word: readonly string[]) => number) {
    this.#words = words;
    this.#worth = words.map(worth);
    this.#total = this.#worth.reduce((sum, one) => sum + one, 0);
  }

  /** Share of the question's words that stand there, by their worth, and of its neighbouring pairs. */
  of(found: readonly Token[]): number {
    if (this.#total === 0) return 0;
    const places = this.#words.map((alternatives) =>
      found.flatMap(({ stem }, at) => (alternatives.includes(stem) ? [at] : [])),
    );
    let words = 0;
    let pairs = 0;
    let pairsTotal = 0;
    for (const [index, at] of places.entries()) {
      const worth = this.#worth[index] ?? 0;
      if (at.length > 0) words += worth;
      const next = places[index + 1];
      if (next === undefined) continue;
      const pair = worth + (this.#worth[index + 1] ?? 0);
      pairsTotal += pair;
      if (at.some((one) => next.some((other) => Math.abs(other - one) <= NEAR))) pairs += pair;
    }
    const share = words / this.#total;
    return pairsTotal === 0 ? share : (1 - PAIRS) * share + PAIRS * (pairs / pairsTotal);
  }

  /** Of the best sentence of a passage. */
  best(passage: string): number {
    return sentences(passage).reduce((best, { text }) => Math.max(best, this.of(tokens(text))), 0);
  }
}
