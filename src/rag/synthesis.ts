/** An answer that Cohere writes from passages it has ranked, with citations that are checked. */

import type { ChatAnswer } from '../lib/cohere/chat-answer.ts';
import type { Cohere } from '../lib/cohere/cohere.ts';
import { CohereFailure } from '../lib/cohere/failure.ts';
import { unsupportedNumbers } from '../lib/cohere/numbers.ts';
import { citationOf } from './answer/answer.ts';
import type { Library, Space } from './library.ts';
import type { Hit, PartialAnswer } from './types.ts';

/** Passages that are ranked anew, and those that the model is given. */
const RANKED = 30;
const GIVEN = 6;
/** Of all calls for one answer: who asked waits no longer before the local path answers. */
const LIMIT_MS = 10_000;
/** Below it nothing that was found is about the question. */
const RELEVANT = 0.1;
const SILENT = /\bdocuments do not (say|hold|contain|provide|mention)\b/i;

/** null: the documents do not have the answer, says the model or the ranking. Throws CohereFailure. */
export async function synthesize(
  cohere: Cohere,
  library: Library,
  space: Space,
  question: string,
  asked: AbortSignal,
  onDelta: (text: string) => void,
): Promise<PartialAnswer | null> {
  const signal = AbortSignal.any([asked, AbortSignal.timeout(LIMIT_MS)]);
  const [vector = null] = await cohere.embed([question], 'query', signal);
  const hits = library.search(space, question, vector, RANKED);
  if (hits.length === 0) return null;
  const texts = hits.map(({ document, passage }) =>
    [document.title, passage.heading, passage.content].filter((part) => part !== '').join('\n'),
  );
  const ranked = await cohere.rerank(question, texts, GIVEN, signal);
  const given = ranked.flatMap(({ index, relevance }): Hit[] => {
    const hit = hits[index];
    return hit === undefined ? [] : [{ ...hit, score: relevance }];
  });
  if ((given[0]?.score ?? 0) < RELEVANT) return null;
  const documents = given.map(({ document, passage }, index) => ({
    id: String(index),
    title: document.title,
    text: passage.heading === '' ? passage.content : `${passage.heading}\n${passage.content}`,
  }));
  const answer = await cohere.chat(question, documents, signal, onDelta);
  if (SILENT.test(answer.text)) return null;
  return cited(answer, given);
}

/** Marks stand behind what they support; a figure that no cited passage has makes the answer worthless. */
function cited({ text, citations }: ChatAnswer, given: readonly Hit[]): PartialAnswer {
  const order = [...new Set(citations.flatMap(({ documentIds }) => documentIds))].filter(
    (id) => given[Number(id)],
  );
  if (order.length === 0) throw new CohereFailure('unsupported');
  const hits = order.flatMap((id) => given[Number(id)] ?? []);
  const sources = hits.map(({ passage }) => `${passage.heading} ${passage.content}`);
  if (unsupportedNumbers(text, sources).length > 0) throw new CohereFailure('unsupported');
  let marked = text;
  for (const { end, documentIds } of citations.toSorted((a, b) => b.end - a.end)) {
    const marks = documentIds.filter((id) => order.includes(id)).map((id) => `[${order.indexOf(id) + 1}]`);
    marked = `${marked.slice(0, end)}${marks.length === 0 ? '' : ` ${marks.join('')}`}${marked.slice(end)}`;
  }
  return {
    source: 'documents',
    answer: marked,
    citations: hits.map((hit, index) => citationOf(hit, index + 1, hit.passage.content)),
    data: [],
    confidence: Math.max(...hits.map(({ score }) => score)),
    refused: false,
    suggestions: [],
  };
}
