/** Makes vectors of unit length. `model` names their space: vectors of two spaces are never compared. */
export type Embedder = {
  readonly model: string;
  readonly dimensions: number;
  /** One vector a text, in order. Throws when it cannot; never returns fewer. */
  readonly embed: (
    texts: readonly string[],
    purpose: 'query' | 'passage',
    signal: AbortSignal,
  ) => Promise<Float32Array[]>;
};
