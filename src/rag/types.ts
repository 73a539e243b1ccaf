/** What the parts of the RAG service hand to each other. */
import type { Citation, DataTable, Source } from './schemas.ts';

/** A piece of a page. `level`: 1 for the outermost. A row of a table has its cells joined by " | ". */
export type Block =
  | { readonly kind: 'heading'; readonly level: number; readonly text: string }
  | { readonly kind: 'paragraph' | 'row'; readonly text: string };

/** `page` from 1, as a viewer counts; `label` as printed on the page, null when nothing is. */
export type Page = {
  readonly page: number;
  readonly label: string | null;
  readonly blocks: readonly Block[];
};

export type Extracted = { readonly title: string | null; readonly pages: readonly Page[] };

/** Why a file cannot be read. */
export type ExtractFailure =
  | 'empty'
  | 'encrypted'
  | 'broken'
  | 'no_text'
  | 'too_many_pages'
  | 'too_slow'
  | 'unsupported';

/** What is searched for and cited. `heading`: those it stands under, outermost first, joined by " > ". */
export type Passage = {
  readonly ordinal: number;
  readonly page: number;
  readonly pageLabel: string | null;
  readonly heading: string;
  readonly kind: 'prose' | 'table';
  readonly content: string;
};

export type IndexedDocument = {
  readonly documentId: string;
  readonly title: string;
  readonly fileName: string;
  readonly mediaType: string;
};

/** A passage that was found. All scores are 0 to 1; `score` is the fused one. */
export type Hit = {
  readonly document: IndexedDocument;
  readonly passage: Passage;
  readonly lexical: number;
  readonly semantic: number;
  readonly score: number;
};

/** An answer out of one source. `refused`: the evidence is missing; `answer` then says what was searched. */
export type PartialAnswer = {
  readonly source: Source;
  readonly answer: string;
  readonly citations: readonly Citation[];
  readonly data: readonly DataTable[];
  readonly confidence: number;
  readonly refused: boolean;
  readonly suggestions: readonly string[];
};
