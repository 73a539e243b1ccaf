/**
 * Passages in memory, found by words and by meaning. The scores of both are shares, so that they may be added: how much
 * of what the question says a passage has, and how far it stands out from the others in meaning. Equal ranks would
 * throw that away (reciprocal rank fusion is worse than words alone here; docs/results).
 */
import { questionWords } from '../text/tokens.ts';
import type { Hit, IndexedDocument, Passage } from '../types.ts';
import { Evidence } from './evidence.ts';
import { VectorTable } from './vectors.ts';
import { WordIndex } from './words.ts';

/** Share of the words in the sum. */
const WORDS = 0.6;
/** Passages that are looked into sentence by sentence. */
const LOOKED_INTO = 30;
/** Share of the best sentence in the final score. */
const SENTENCE = 0.25;

type Slot = { readonly document: IndexedDocument; readonly passage: Passage };

export class SearchIndex {
  readonly #words = new WordIndex();
  readonly #vectors: VectorTable;
  readonly #slots: (Slot | null)[] = [];
  readonly #free: number[] = [];
  readonly #byDocument = new Map<string, { readonly slots: number[]; vectors: number }>();

  constructor(dimensions: number) {
    this.#vectors = new VectorTable(dimensions);
  }

  get documents(): number {
    return this.#byDocument.size;
  }

  get passages(): number {
    return this.#words.size;
  }

  get vectors(): number {
    return this.#vectors.size;
  }

  /** How many passages of a document have vectors: its first ones. */
  vectorsOf(documentId: string): number {
    return this.#byDocument.get(documentId)?.vectors ?? 0;
  }

  /** Replaces what the index has of the document; its vectors have to be set anew. */
  put(document: IndexedDocument, passages: readonly Passage[]): void {
    this.remove(document.documentId);
    const slots = passages.map((passage) => {
      const slot = this.#free.pop() ?? this.#slots.length;
      this.#slots[slot] = { document, passage };
      this.#words.add(slot, { title: document.title, heading: passage.heading, content: passage.content });
      return slot;
    });
    this.#byDocument.set(document.documentId, { slots, vectors: 0 });
  }

  remove(documentId: string): void {
    for (const slot of this.#byDocument.get(documentId)?.slots ?? []) {
      this.#words.remove(slot);
      this.#vectors.remove(slot);
      this.#slots[slot] = null;
      this.#free.push(slot);
    }
    this.#byDocument.delete(documentId);
  }

  /** Vectors of the passages from that one on; of a document that is not there, nothing happens. */
  setVectors(documentId: string, fromOrdinal: number, vectors: readonly Float32Array[]): void {
    const document = this.#byDocument.get(documentId);
    if (document === undefined) return;
    for (const [index, vector] of vectors.entries()) {
      const slot = document.slots[fromOrdinal + index];
      if (slot !== undefined) this.#vectors.set(slot, vector);
    }
    document.vectors = Math.min(document.slots.length, fromOrdinal + vectors.length);
  }

  /** What the words of a question are worth here; for judging sentences. */
  evidenceFor(question: string): Evidence {
    return new Evidence(questionWords(question), (word) => this.#words.idfOf(word));
  }

  /**
   * The best `limit` passages, best first. Without a vector, or without vectors of passages, by words alone. `share`:
   * of the words; other than the usual one only to compare methods.
   */
  search(question: string, vector: Float32Array | null, limit: number, share: number = WORDS): Hit[] {
    const lexical = this.#words.score(questionWords(question));
    const semantic = vector === null ? new Map<number, number>() : this.#vectors.score(vector);
    const words = semantic.size === 0 ? 1 : share;
    const fused: { slot: number; score: number }[] = [];
    for (const slot of new Set([...lexical.keys(), ...semantic.keys()])) {
      const found = lexical.get(slot) ?? 0;
      // Where there is no vector, as of a table, words speak for both.
      const meant = this.#vectors.has(slot) ? (semantic.get(slot) ?? 0) : found;
      const score = words * found + (1 - words) * meant;
      fused.push({ slot, score });
    }
    fused.sort((a, b) => b.score - a.score);
    const evidence = this.evidenceFor(question);
    const hits = fused.slice(0, Math.max(limit, LOOKED_INTO)).flatMap(({ slot, score }): Hit[] => {
      const found = this.#slots[slot];
      if (found === null || found === undefined) return [];
      const sentence = evidence.best(found.passage.content);
      return [
        {
          ...found,
          lexical: lexical.get(slot) ?? 0,
          semantic: semantic.get(slot) ?? 0,
          score: Math.min(1, (1 - SENTENCE) * score + SENTENCE * sentence),
        },
      ];
    });
    return hits.sort((a, b) => b.score - a.score).slice(0, limit);
  }
}
