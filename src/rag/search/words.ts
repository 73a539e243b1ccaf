/**
 * BM25F over title, headings and content (Robertson & Zaragoza 2009, section 3.6, one b for all fields). Documents come
 * and go one at a time; nothing is built anew.
 */
import { tokens } from '../text/tokens.ts';

const K1 = 1.2;
const B = 0.4;
/** How much a word counts where it stands. */
const WEIGHTS = { title: 1.2, heading: 1.5, content: 1 } as const;

type Posting = { readonly slots: number[]; readonly weights: number[] };

export class WordIndex {
  readonly #postings = new Map<string, Posting>();
  /** By slot: its terms, to be taken out again; null: free. */
  readonly #terms: (readonly string[] | null)[] = [];
  readonly #lengths: number[] = [];
  #count = 0;
  #totalLength = 0;

  get size(): number {
    return this.#count;
  }

  /** `slot` must be free. */
  add(
    slot: number,
    fields: { readonly title: string; readonly heading: string; readonly content: string },
  ): void {
    const weights = new Map<string, number>();
    let length = 0;
    for (const field of ['title', 'heading', 'content'] as const) {
      const found = tokens(fields[field]);
      if (field === 'content') length = found.length;
      for (const { stem } of found) weights.set(stem, (weights.get(stem) ?? 0) + WEIGHTS[field]);
    }
    for (const [term, weight] of weights) {
      let posting = this.#postings.get(term);
      if (posting === undefined) {
        posting = { slots: [], weights: [] };
        this.#postings.set(term, posting);
      }
      posting.slots.push(slot);
      posting.weights.push(weight);
    }
    this.#terms[slot] = [...weights.keys()];
    this.#lengths[slot] = length;
    this.#count += 1;
    this.#totalLength += length;
  }

  remove(slot: number): void {
    for (const term of this.#terms[slot] ?? []) {
      const posting = this.#postings.get(term);
      if (posting === undefined) continue;
      const at = posting.slots.indexOf(slot);
      posting.slots.splice(at, 1);
      posting.weights.splice(at, 1);
      if (posting.slots.length === 0) this.#postings.delete(term);
    }
    if (this.#terms[slot] === null || this.#terms[slot] === undefined) return;
    this.#terms[slot] = null;
    this.#count -= 1;
    this.#totalLength -= this.#lengths[slot] ?? 0;
  }

  /** Rare words say more. A word that nobody has says the most: a passage without it lacks something. */
  idf(term: string): number {
    const having = this.#postings.get(term)?.slots.length ?? 0;
    return Math.log(1 + (this.#count - having + 0.5) / (having + 0.5));
  }

  /** Of a word or another that means the same: the commonest of them. */
  idfOf(alternatives: readonly string[]): number {
    return Math.min(...alternatives.map((term) => this.idf(term)));
  }

  /**
   * Share of what the words could score at most, 0 to 1, by slot; slots without any of them are missing. Each word has
   * alternatives, of which a passage is given the one that scores best.
   */
  score(words: readonly (readonly string[])[]): Map<number, number> {
    const scores = new Map<number, number>();
    let most = 0;
    for (const alternatives of words) {
      const idf = this.idfOf(alternatives);
      most += idf * (K1 + 1);
      for (const [slot, score] of this.#scoreWord(alternatives, idf)) {
        scores.set(slot, (scores.get(slot) ?? 0) + score);
      }
    }
    for (const [slot, score] of scores) scores.set(slot, score / most);
    return scores;
  }

  #scoreWord(alternatives: readonly string[], idf: number): Map<number, number> {
    const mean = this.#count === 0 ? 1 : Math.max(1, this.#totalLength / this.#count);
    const best = new Map<number, number>();
    for (const term of alternatives) {
      const posting = this.#postings.get(term);
      if (posting === undefined) continue;
      for (const [index, slot] of posting.slots.entries()) {
        const weight = posting.weights[index] ?? 0;
        const norm = K1 * (1 - B + (B * (this.#lengths[slot] ?? 0)) / mean);
        const score = (idf * weight * (K1 + 1)) / (weight + norm);
        if (score > (best.get(slot) ?? 0)) best.set(slot, score);
      }
    }
    return best;
  }
}
