/** What the RAG service takes and answers over HTTP. The dashboard takes its types from here. */
import { type Static, Type } from 'typebox';
import { Nullable } from '../lib/schema.ts';

/** A longer question is a document; it is refused by name. */
const MAX_QUESTION_CHARS = 2_000;

export const Source = Type.Union([
  Type.Literal('documents'),
  Type.Literal('images'),
  Type.Literal('logs'),
  Type.Literal('telemetry'),
]);
export type Source = Static<typeof Source>;

export const QueryBody = Type.Object(
  {
    question: Type.String({ minLength: 1, maxLength: MAX_QUESTION_CHARS, pattern: '\\S' }),
    /** Answer as server-sent events: route, delta…, answer; or error. */
    stream: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);
export type QueryBody = Static<typeof QueryBody>;

export const Citation = Type.Object({
  /** As the answer's text refers to it: [1], [2], … */
  n: Type.Integer(),
  document_id: Type.String(),
  document: Type.String({ description: 'The title of the document' }),
  file_name: Type.String(),
  media_type: Type.String(),
  page: Type.Integer({ description: 'From 1, as a viewer counts' }),
  page_label: Nullable(Type.String({ description: 'As printed on the page' })),
  heading: Type.String(),
  passage: Type.String({ description: 'The passage as it stands in the document' }),
  highlight: Type.String({ description: 'The part of the passage that supports the answer' }),
  score: Type.Number({ minimum: 0, maximum: 1 }),
});
export type Citation = Static<typeof Citation>;

export const Column = Type.Object({
  key: Type.String(),
  label: Type.String(),
  kind: Type.Union([
    Type.Literal('text'),
    Type.Literal('number'),
    Type.Literal('percent'),
    Type.Literal('time'),
  ]),
});
export type Column = Static<typeof Column>;

export const Cell = Nullable(Type.Union([Type.String(), Type.Number()]));

/** A photo that a data answer shows. */
export const Photo = Type.Object({
  image_id: Type.String(),
  site_id: Type.String(),
  device_type: Type.String(),
  taken_at: Type.String(),
  description: Type.String(),
  compliance_score: Nullable(Type.Number()),
});
export type Photo = Static<typeof Photo>;

/** One result of a fixed query: a table, and how it may be drawn. */
export const DataTable = Type.Object({
  source: Source,
  title: Type.String(),
  /** What was asked of which data, in words. */
  explanation: Type.String(),
  columns: Type.Array(Column),
  rows: Type.Array(Type.Record(Type.String(), Cell)),
  chart: Nullable(
    Type.Object({
      kind: Type.Union([Type.Literal('bar'), Type.Literal('line')]),
      x: Type.String(),
      y: Type.String(),
    }),
  ),
  photos: Type.Array(Photo),
});
export type DataTable = Static<typeof DataTable>;

export const AnswerBody = Type.Object({
  answer: Type.String(),
  type: Type.Union([
    Type.Literal('documents'),
    Type.Literal('images'),
    Type.Literal('logs'),
    Type.Literal('telemetry'),
    Type.Literal('combined'),
  ]),
  /** explicit: the path named the source; rules: words of the question; fallback: nothing matched. */
  routing_method: Type.Union([Type.Literal('explicit'), Type.Literal('rules'), Type.Literal('fallback')]),
  /** Why these sources, in a sentence. */
  routing_reason: Type.String(),
  searched: Type.Array(Source),
  citations: Type.Array(Citation),
  data: Nullable(Type.Array(DataTable)),
  confidence: Type.Number({ minimum: 0, maximum: 1 }),
  /** false: the answer is quoted; true: a model wrote it from the citations. */
  synthesized: Type.Boolean(),
  /** The evidence is missing. */
  refused: Type.Boolean(),
  suggestions: Type.Array(Type.String()),
  provider: Type.Union([Type.Literal('local'), Type.Literal('cohere')]),
  /** Why the local path answered although a Cohere key is set. */
  fallback_reason: Type.Optional(Type.String()),
  query_time_ms: Type.Number(),
});
export type AnswerBody = Static<typeof AnswerBody>;

export const RouteEvent = Type.Object({ searched: Type.Array(Source), routing_reason: Type.String() });
export type RouteEvent = Static<typeof RouteEvent>;
export const DeltaEvent = Type.Object({ text: Type.String() });
export type DeltaEvent = Static<typeof DeltaEvent>;

const DocumentState = Type.Union([
  Type.Literal('waiting'),
  Type.Literal('reading'),
  Type.Literal('searchable'),
  Type.Literal('indexed'),
  Type.Literal('failed'),
]);

export const DocumentBody = Type.Object({
  document_id: Type.String({ description: 'SHA-256 of the file' }),
  file_name: Type.String(),
  title: Type.String(),
  media_type: Type.String(),
  bytes: Type.Integer(),
  source: Type.Union([Type.Literal('sample'), Type.Literal('upload')]),
  state: DocumentState,
  failure: Nullable(Type.Object({ code: Type.String(), message: Type.String() })),
  pages: Type.Integer(),
  pages_read: Type.Integer(),
  passages: Type.Integer(),
  vectors: Type.Integer({ description: 'Passages that are searchable by meaning, in the space in use' }),
  imported_at: Type.String(),
});
export type DocumentBody = Static<typeof DocumentBody>;

export const DocumentsBody = Type.Object({
  total: Type.Integer(),
  documents: Type.Array(DocumentBody),
});
export type DocumentsBody = Static<typeof DocumentsBody>;

/** added: false when the same file is there already. */
export const AddedBody = Type.Object({ added: Type.Boolean(), document: DocumentBody });
export type AddedBody = Static<typeof AddedBody>;

export const StatsBody = Type.Object({
  documents: Type.Integer(),
  passages: Type.Integer(),
  /** Vectors by space. */
  index_spaces: Type.Array(
    Type.Object({ model: Type.String(), dimensions: Type.Integer(), vectors: Type.Integer() }),
  ),
  provider: Type.Union([Type.Literal('local'), Type.Literal('cohere')]),
  /** Of the Cohere client; null without a key. */
  breaker: Nullable(Type.Union([Type.Literal('closed'), Type.Literal('open'), Type.Literal('half-open')])),
  queries: Type.Record(Type.String(), Type.Integer()),
  refusals: Type.Integer(),
  fallbacks: Type.Record(Type.String(), Type.Integer()),
  latency_ms: Type.Object({ p50: Nullable(Type.Number()), p99: Nullable(Type.Number()) }),
});
export type StatsBody = Static<typeof StatsBody>;
