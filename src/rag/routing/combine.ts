/** Several answers, each out of one source, as one. Pure: it says nothing that they do not say. */
import type { AnswerBody, Citation, DataTable, Source } from '../schemas.ts';
import type { PartialAnswer } from '../types.ts';

export type Combined = Pick<AnswerBody, 'answer' | 'type' | 'confidence' | 'refused' | 'suggestions'> & {
  readonly citations: Citation[];
  readonly data: DataTable[] | null;
};

const HEADINGS: Readonly<Record<Source, string>> = {
  documents: 'Documents',
  images: 'Camera records',
  logs: 'Access log',
  telemetry: 'Live fleet',
};
const MAX_SUGGESTIONS = 6;
/** A longer first sentence would repeat the answer instead of setting it beside another. */
const MAX_SIDE_CHARS = 240;

const COMPARES =
  /\b(?:compar\w+|versus|vs|against|side by side|match(?:es)?|agrees?|contradicts?|differs?|difference)\b/i;

const sources = (answers: readonly PartialAnswer[]): string =>
  answers.map(({ source }) => HEADINGS[source].toLowerCase()).join(' and ');

/** [2] of an answer whose citations begin after `before` others; a bracket that is no citation stays as it is. */
function renumbered(
  { answer, citations }: PartialAnswer,
  before: number,
): { text: string; citations: Citation[] } {
  const places = new Map(citations.map(({ n }, index) => [n, before + index + 1]));
  const text = answer.replace(/\[(\d{1,4})\]/g, (mark, n: string) => {
    const place = places.get(Number(n));
    return place === undefined ? mark : `[${place}]`;
  });
  return { text, citations: citations.map((citation, index) => ({ ...citation, n: before + index + 1 })) };
}

/** The first sentence with the marks behind it; null when it is too long to stand beside another. */
function firstSentence(text: string): string | null {
  const found = /^.+?[.!?]["”’)]*(?:\s*\[\d{1,4}\])*(?=\s+\S|$)/s.exec(text.trim())?.[0] ?? text.trim();
  const line = found.replace(/\s+/g, ' ');
  return line.length > MAX_SIDE_CHARS ? null : line.replace(/[.]((?:\s*\[\d{1,4}\])*)$/, '$1');
}

type Section = { readonly source: Source; readonly text: string; readonly refused: boolean };

/** Only what at least two sources have answered is set side by side. */
function sideBySide(question: string, sections: readonly Section[]): string | null {
  const answered = sections.filter(({ refused }) => !refused);
  if (!COMPARES.test(question) || answered.length < 2) return null;
  const sides = answered.map(({ source, text }) => {
    const said = firstSentence(text);
    return said === null ? null : `${HEADINGS[source].toLowerCase()}: ${said}`;
  });
  if (sides.includes(null)) return null;
  return `Side by side, as each source has it: ${sides.join('; ')}.`;
}

/**
 * One answer, in the order of the parts. Citations are numbered through; `confidence` is that of the weakest part that
 * answered; refused only when every part is. Throws RangeError when there is no part.
 */
export function combine(question: string, parts: readonly PartialAnswer[]): Combined {
  const [first] = parts;
  if (first === undefined) throw new RangeError('there is no answer to combine');
  const citations: Citation[] = [];
  const sections = parts.map((part): Section => {
    const { text, citations: own } = renumbered(part, citations.length);
    citations.push(...own);
    return { source: part.source, text, refused: part.refused };
  });
  const data = parts.flatMap((part) => part.data);
  const suggestions = [...new Set(parts.flatMap((part) => part.suggestions))].slice(0, MAX_SUGGESTIONS);
  const answered = parts.filter(({ refused }) => !refused);
  const shared = {
    citations,
    data: data.length === 0 ? null : data,
    confidence: answered.length === 0 ? 0 : Math.min(...answered.map(({ confidence }) => confidence)),
    refused: answered.length === 0,
    suggestions,
  };
  if (parts.length === 1) return { ...shared, answer: sections[0]?.text ?? first.answer, type: first.source };
  const refused = parts.filter((part) => part.refused);
  const paragraphs = sections.map(({ source, text }) => `${HEADINGS[source]}: ${text}`);
  if (refused.length > 0 && answered.length > 0) {
    paragraphs.push(`Only ${sources(answered)} could answer; ${sources(refused)} could not.`);
  }
  const compared = sideBySide(question, sections);
  if (compared !== null) paragraphs.push(compared);
  return { ...shared, answer: paragraphs.join('\n\n'), type: 'combined' };
}
