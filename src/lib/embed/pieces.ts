/**
 * SentencePiece, unigram: the likeliest way to cut a text into the pieces of a vocabulary, as the Universal Sentence
 * Encoder lite was trained with (tensorflow/tfjs-models, universal-sentence-encoder/src/tokenizer).
 */

/** The first entries of the vocabulary are no pieces of text. */
const RESERVED = 6;
const UNKNOWN = 0;
const SPACE = '▁';
const WORST = -1e9;

type Node = { readonly next: Map<string, Node>; piece: number };

/** `vocabulary`: pieces with their log probabilities, in the order of their ids. */
export class Pieces {
  readonly #root: Node = { next: new Map(), piece: -1 };
  readonly #scores: Float64Array;

  constructor(vocabulary: readonly (readonly [piece: string, score: number])[]) {
    this.#scores = Float64Array.from(vocabulary, ([, score]) => score);
    for (const [id, [piece]] of vocabulary.entries()) {
      if (id >= RESERVED) this.#add([...piece], id);
    }
  }

  #add(symbols: readonly string[], id: number): void {
    let node = this.#root;
    for (const symbol of symbols) {
      let next = node.next.get(symbol);
      if (next === undefined) {
        next = { next: new Map(), piece: -1 };
        node.next.set(symbol, next);
      }
      node = next;
    }
    node.piece = id;
  }

  /** Ids of the pieces, `max` at most; none for an empty text. Neighbouring unknown symbols are one unknown piece. */
  encode(text: string, max: number): number[] {
    const normalized = text.normalize('NFKC').trim().replace(/\s+/g, SPACE);
    if (normalized === '') return [];
    const symbols = [...`${SPACE}${normalized}`];
    const best = new Float64Array(symbols.length + 1).fill(WORST);
    const from = new Int32Array(symbols.length + 1);
    const piece = new Int32Array(symbols.length + 1).fill(UNKNOWN);
    best[0] = 0;
    for (let start = 0; start < symbols.length; start++) this.#extend(symbols, start, best, from, piece);
    return cut(from, piece, symbols.length).slice(0, max);
  }

  /** Every piece that begins at `start`, and the unknown piece of one symbol. */
  #extend(
    symbols: readonly string[],
    start: number,
    best: Float64Array,
    from: Int32Array,
    piece: Int32Array,
  ): void {
    const reach = (end: number, id: number, score: number): void => {
      const total = (best[start] ?? WORST) + score;
      if (total <= (best[end] ?? WORST)) return;
      best[end] = total;
      from[end] = start;
      piece[end] = id;
    };
    // Worse than every piece that is known.
    reach(start + 1, UNKNOWN, -100);
    let node: Node | undefined = this.#root;
    for (let end = start; end < symbols.length; end++) {
      node = node.next.get(symbols[end] ?? '');
      if (node === undefined) return;
      if (node.piece >= 0) reach(end + 1, node.piece, this.#scores[node.piece] ?? WORST);
    }
  }
}

function cut(from: Int32Array, piece: Int32Array, length: number): number[] {
  const ids: number[] = [];
  for (let end = length; end > 0; end = from[end] ?? 0) {
    const id = piece[end] ?? UNKNOWN;
    if (id !== UNKNOWN || ids.at(-1) !== UNKNOWN) ids.push(id);
  }
  return ids.reverse();
}
