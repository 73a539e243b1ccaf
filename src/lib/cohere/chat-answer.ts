/** Reads Cohere's stream of an answer with its citations. */
import type { CohereClientV2 } from 'cohere-ai';
import { Type } from 'typebox';
import { CohereFailure } from './failure.ts';
import { parse } from './parse.ts';

const CitationEvent = Type.Object({
  start: Type.Integer(),
  end: Type.Integer(),
  sources: Type.Array(Type.Object({ type: Type.String(), id: Type.Optional(Type.String()) })),
});

/** `start` and `end`: characters of the text that the documents support. */
type ChatCitation = {
  readonly start: number;
  readonly end: number;
  readonly documentIds: readonly string[];
};
export type ChatAnswer = { readonly text: string; readonly citations: readonly ChatCitation[] };

type ChatEvents = Awaited<ReturnType<CohereClientV2['chatStream']>>;

/** Throws CohereFailure when the stream ends before the answer does. */
export async function readAnswer(
  events: ChatEvents,
  signal: AbortSignal,
  onDelta: (text: string) => void,
): Promise<ChatAnswer> {
  let text = '';
  let ended = false;
  const citations: ChatCitation[] = [];
  const take = (event: ChatEvents extends AsyncIterable<infer E> ? E : never): void => {
    if (event.type === 'content-delta') {
      const piece = event.delta?.message?.content?.text ?? '';
      text += piece;
      onDelta(piece);
    } else if (event.type === 'citation-start') {
      citations.push(chatCitation(event.delta?.message?.citations));
    } else if (event.type === 'message-end') {
      ended = event.delta?.error === undefined && event.delta?.finishReason === 'COMPLETE';
    }
  };
  try {
    for await (const event of events) take(event);
  } catch (error) {
    if (error instanceof CohereFailure || signal.aborted) throw error;
    throw new CohereFailure('cut_off', error);
  }
  if (!ended) throw new CohereFailure('cut_off');
  if (text.trim() === '') throw new CohereFailure('garbage');
  return { text, citations };
}

function chatCitation(value: unknown): ChatCitation {
  const { start, end, sources } = parse(CitationEvent, value);
  return { start, end, documentIds: sources.flatMap(({ id }) => (id === undefined ? [] : [id])) };
}
