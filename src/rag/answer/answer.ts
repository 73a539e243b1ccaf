/** An answer out of passages, by quotation: nothing is said that does not stand in one of them. Pure. */

import type { Citation } from '../schemas.ts';
import type { Evidence } from '../search/evidence.ts';
import { sentences } from '../text/sentences.ts';
import { tokens } from '../text/tokens.ts';
import type { Hit, PartialAnswer } from '../types.ts';
import { type Asked, asked, type Candidate, candidates, tellsEach } from './candidates.ts';
import { confidenceOf } from './confidence.ts';
import { hasExpected } from './expected.ts';
import { columnsFor, tell } from './table.ts';

/** Passages that are looked at. */
export const LOOKED_AT = 10;
/** Below it the evidence counts as missing: nine of ten answerable questions of XQuAD stand above. */
const REFUSED_BELOW = 0.31;
const MAX_CITATIONS = 3;
/** A neighbour of the best sentence that has so much of its evidence is quoted with it. */
const NEIGHBOUR = 0.5;
/** Where a number is asked for, one that has a number needs less. */
const FIGURES_NEIGHBOUR = 0.1;
/** Another passage is quoted too when it says nearly as much. */
const NEARLY = 0.9;
const TITLES_MAX = 4;
/** A heading with so much of the question's evidence is part of the answer. */
const HEADING_SAYS = 0.2;
/** Asked like this, a paragraph is wanted rather than a sentence. */
const BROAD =
  /\b(say|says|tell|know|rules?|procedures?|happened|explain|describe|summari[sz]e|overview)\b|^\s*how (do|does|should|must|is|are)\b|^\s*why\b/i;

export function citationOf({ document, passage, score }: Hit, n: number, highlight: string): Citation {
  return {
    n,
    document_id: document.documentId,
    document: document.title,
    file_name: document.fileName,
    media_type: document.mediaType,
    page: passage.page,
    page_label: passage.pageLabel,
    heading: passage.heading,
    passage: passage.content,
    highlight,
    score,
  };
}

/** The best sentence, with its neighbours when they say something of the question too: figures often stand apart. */
function withNeighbours(what: Asked, { hit, at, text, evidence }: Candidate): string {
  const { content } = hit.passage;
  const all = sentences(content);
  const own = all.findIndex((sentence) => sentence.at === at);
  if (own === -1) return text;
  const says = (index: number): boolean => {
    const sentence = all[index];
    if (sentence === undefined) return false;
    const share = what.evidence.of(tokens(sentence.text)) / Math.max(evidence, Number.MIN_VALUE);
    if (what.expected !== 'count' && what.expected !== 'number') return share >= NEIGHBOUR;
    return share >= FIGURES_NEIGHBOUR && hasExpected(what.expected, sentence.text, what.question) === true;
  };
  const from = all[says(own - 1) ? own - 1 : own];
  const to = all[says(own + 1) ? own + 1 : own];
  if (from === undefined || to === undefined) return text;
  return content.slice(from.at, to.at + to.text.length);
}

/** What is said of a candidate, and the part of its passage that supports it. */
function quote(what: Asked, candidate: Candidate): { readonly said: string; readonly highlight: string } {
  if (candidate.row === null) {
    const broad = BROAD.test(what.question);
    const highlight = broad ? candidate.hit.passage.content : withNeighbours(what, candidate);
    const [heading = ''] = candidate.hit.passage.heading.split(' > ').slice(-1);
    const says = what.evidence.of(tokens(heading)) >= HEADING_SAYS && !highlight.includes(heading);
    return { said: `${says ? `${heading}: ` : ''}“${highlight.replace(/\s+/g, ' ')}”`, highlight };
  }
  const { table, row } = candidate.row;
  const told = tell(table, row, columnsFor(what.question, table));
  // The row of a chart is called by its year; what it is of stands above it.
  const heading = candidate.hit.passage.heading.split(' > ').at(-1) ?? '';
  const said = /^\d/.test(told) && heading !== '' ? `${heading}, ${told}` : told;
  return { said, highlight: row.text };
}

/** Beside a row that has the sum of several things, the sentence of its page that tells each of them. */
function eachBeside(what: Asked, all: readonly Candidate[]): Candidate | undefined {
  const [best] = all;
  if (best === undefined || best.row === null) return undefined;
  const { document, passage } = best.hit;
  return all.find(
    ({ hit, row, text, expected }) =>
      row === null &&
      expected === true &&
      hit.document === document &&
      hit.passage.page === passage.page &&
      tellsEach(what, text),
  );
}

/** The best candidate, and the best ones of other passages that say nearly as much. */
function supporting(what: Asked, all: readonly Candidate[]): Candidate[] {
  const [best] = all;
  const chosen: Candidate[] = [];
  for (const one of all) {
    if (best === undefined || chosen.length === MAX_CITATIONS || one.score < NEARLY * best.score) break;
    if (chosen.some(({ hit }) => hit.passage === one.hit.passage)) continue;
    if (one.evidence < NEARLY * best.evidence || (one.expected === false && best.expected === true)) continue;
    chosen.push(one);
  }
  const each = eachBeside(what, all);
  if (each === undefined || chosen.some(({ hit }) => hit.passage === each.hit.passage)) return chosen;
  return [...chosen.slice(0, MAX_CITATIONS - 1), each];
}

const listed = (titles: readonly string[]): string =>
  titles.length <= TITLES_MAX
    ? titles.join(', ')
    : `${titles.slice(0, TITLES_MAX).join(', ')} and ${titles.length - TITLES_MAX} more`;

function refusal(
  what: Asked,
  titles: readonly string[],
  closest: Candidate | undefined,
  confidence: number,
): PartialAnswer {
  const count = titles.length === 1 ? 'one document' : `${titles.length} documents`;
  const searched =
    titles.length === 0
      ? 'There are no documents to search: import some, or drop them on this page.'
      : `I did not find the answer in the ${count} that I searched (${listed(titles)}).`;
  const suggestions = [
    'Ask with the words that the document itself would use.',
    'Documents are searched in English.',
    ...(titles.length === 0 ? [] : ['Import the document that has the answer.']),
  ];
  const base = { source: 'documents' as const, data: [], confidence, refused: true, suggestions };
  if (closest === undefined || closest.evidence === 0) return { ...base, answer: searched, citations: [] };
  const { highlight } = quote(what, closest);
  const { document } = closest.hit;
  return {
    ...base,
    answer: `${searched} The closest passage stands in ${document.title} [1]; it may be about something else.`,
    citations: [citationOf(closest.hit, 1, highlight)],
  };
}

/**
 * Answers from the passages that were found, best first, or says that the evidence is missing.
 * `titles`: of all documents that were searched.
 */
export function answerFromHits(
  question: string,
  hits: readonly Hit[],
  evidence: Evidence,
  titles: readonly string[],
): PartialAnswer {
  const what = asked(question, evidence);
  const looked = hits.slice(0, LOOKED_AT);
  const all = candidates(what, looked);
  const [best] = all;
  if (best === undefined) return refusal(what, titles, undefined, 0);
  const confidence = confidenceOf(what, best, looked);
  if (confidence < REFUSED_BELOW) return refusal(what, titles, best, confidence);
  const quotes = supporting(what, all).map((candidate, index) => ({
    hit: candidate.hit,
    n: index + 1,
    ...quote(what, candidate),
  }));
  const [first, ...others] = quotes.map(({ said, n }) => `${said} [${n}]`);
  return {
    source: 'documents',
    answer: others.length === 0 ? (first ?? '') : `${first}\n\nAlso: ${others.join(' ')}`,
    citations: quotes.map(({ hit, n, highlight }) => citationOf(hit, n, highlight)),
    data: [],
    confidence,
    refused: false,
    suggestions: [],
  };
}
