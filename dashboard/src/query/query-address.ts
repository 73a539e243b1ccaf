/** What the AI Query page shows, as its address says it: a question, where it is asked, and an open citation. */
import { oneOf, readParams, shortText, withParams } from '../lib/search-params.ts';

/** The API's bound. */
export const MAX_QUESTION_CHARS = 2000;

export const SOURCES = [
  { value: null, label: 'All sources' },
  { value: 'documents', label: 'Documents' },
  { value: 'images', label: 'Cameras' },
  { value: 'logs', label: 'Logs' },
  { value: 'telemetry', label: 'Telemetry' },
] as const;
export type SourceName = Exclude<(typeof SOURCES)[number]['value'], null>;
const NAMES: readonly SourceName[] = ['documents', 'images', 'logs', 'telemetry'];

export type Ask = {
  readonly question: string | null;
  /** null: the service chooses. */
  readonly source: SourceName | null;
  /** Number of the citation that is open. */
  readonly cite: number | null;
};

const MAX_CITATIONS = 99;

/** The query in the address. What cannot be understood is left out of it and named in `ignored`. */
export function parseAsk(search: string): { query: Ask; ignored: string[] } {
  const { pick, ignored } = readParams(search);
  const query: Ask = {
    question: pick('q', shortText(MAX_QUESTION_CHARS)),
    source: pick('source', oneOf(NAMES)),
    cite: pick('cite', (value) =>
      /^[1-9]\d?$/.test(value) && Number(value) <= MAX_CITATIONS ? Number(value) : null,
    ),
  };
  return { query, ignored };
}

/** No leading `?`. */
export function formatAsk({ question, source, cite }: Ask): string {
  return withParams('', { q: question, source, cite: cite === null ? null : String(cite) });
}
