/** Asks a question and follows its answer as it is made. */
import type { AnswerBody, DeltaEvent, RouteEvent } from '../../../src/rag/schemas.ts';
import { after } from '../lib/clock.ts';
import { ApiError } from '../live/api.ts';
import { isErrorBody, outline } from '../live/shapes.ts';
import { EventReader, type ServerEvent } from './event-reader.ts';
import type { SourceName } from './query-address.ts';

/** Longer than the service takes at most, with a model elsewhere that is slow. */
const DEADLINE_MS = 40_000;
/** A region that is lost in the middle of an answer takes its stream along; the other one is asked then. */
const REPEATS = 2;
const REPEAT_PAUSE_MS = 1_000;

const isAnswer = outline<AnswerBody>({
  answer: 'string',
  type: 'string',
  citations: 'array',
  searched: 'array',
  suggestions: 'array',
  confidence: 'number',
  query_time_ms: 'number',
});
const isRoute = outline<RouteEvent>({ searched: 'array', routing_reason: 'string' });
const isDelta = outline<DeltaEvent>({ text: 'string' });

export type Progress = {
  readonly onRoute: (route: RouteEvent) => void;
  readonly onDelta: (text: string) => void;
  /** The answer begins anew. */
  readonly onRepeat: () => void;
};

/** The answer, or undefined while the event is only a part of it. Throws ApiError. */
function take({ name, data }: ServerEvent, progress: Progress): AnswerBody | undefined {
  const body: unknown = JSON.parse(data);
  if (name === 'answer' && isAnswer(body)) return body;
  if (name === 'route' && isRoute(body)) progress.onRoute(body);
  if (name === 'delta' && isDelta(body)) progress.onDelta(body.text);
  if (name !== 'error') return undefined;
  throw isErrorBody(body)
    ? new ApiError(body.message, body.error === 'unavailable' ? 503 : 500)
    : new ApiError('The service failed on this question.', 500);
}

async function refusal(response: Response): Promise<ApiError> {
  const isJson = response.headers.get('content-type')?.includes('json') ?? false;
  const body: unknown = isJson ? await response.json() : null;
  return isErrorBody(body)
    ? new ApiError(body.message, response.status, undefined, body.field ?? null)
    : new ApiError(`The service answered with status ${response.status}.`, response.status);
}

async function askOnce(
  question: string,
  source: SourceName | null,
  signal: AbortSignal,
  progress: Progress,
): Promise<AnswerBody> {
  const path = source === null ? '/api/query' : `/api/query/${source}`;
  const response = await fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ question, stream: true }),
    signal,
  });
  if (!response.ok || response.body === null) throw await refusal(response);
  const reader = new EventReader();
  const decoder = new TextDecoder();
  for await (const piece of response.body) {
    for (const event of reader.take(decoder.decode(piece, { stream: true }))) {
      const answer = take(event, progress);
      if (answer !== undefined) return answer;
    }
  }
  throw new ApiError('The answer broke off.', null);
}

/** Rejects with ApiError, or with the signal's reason when it aborts. */
export async function ask(
  question: string,
  source: SourceName | null,
  signal: AbortSignal,
  progress: Progress,
): Promise<AnswerBody> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]);
  for (let repeat = 0; ; repeat++) {
    try {
      return await askOnce(question, source, both, progress);
    } catch (cause) {
      signal.throwIfAborted();
      if (both.aborted) throw new ApiError(`No answer within ${DEADLINE_MS / 1000} s.`, null, cause);
      const error =
        cause instanceof ApiError ? cause : new ApiError('The service cannot be reached.', null, cause);
      if (!error.passing || repeat === REPEATS) throw error;
    }
    await new Promise<void>((resolve) => after(REPEAT_PAUSE_MS, resolve));
    progress.onRepeat();
  }
}
