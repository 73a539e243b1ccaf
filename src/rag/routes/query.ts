/** POST /query and its kin: questions, answered at once or as server-sent events. */
import type { FastifyReply } from 'fastify';
import type { Api } from '../../lib/http-app.ts';
import { toErrorReply } from '../../lib/http-errors.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import { frame } from '../../lib/sse.ts';
import type { RagContext } from '../context.ts';
import { AnswerBody, QueryBody, type Source } from '../schemas.ts';

const PATHS: readonly { readonly url: string; readonly source: Source | null; readonly summary: string }[] = [
  { url: '/query', source: null, summary: 'Answer a question from whatever source has the answer' },
  { url: '/api/query', source: null, summary: 'The same' },
  { url: '/api/query/documents', source: 'documents', summary: 'Answer a question from the documents' },
  { url: '/api/query/images', source: 'images', summary: 'Answer a question from the camera records' },
  { url: '/api/query/logs', source: 'logs', summary: 'Answer a question from the access log' },
  { url: '/api/query/telemetry', source: 'telemetry', summary: 'Answer a question from the live fleet' },
];

/** Streams the answer as it is made; an error after the first byte is an event. */
async function stream(
  reply: FastifyReply,
  { answering, log }: RagContext,
  question: string,
  source: Source | null,
  signal: AbortSignal,
): Promise<void> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    // nginx would collect the events into its buffers.
    'x-accel-buffering': 'no',
  });
  const send = (event: string, data: object): void => {
    if (!raw.destroyed) raw.write(frame(event, data));
  };
  try {
    const answer = await answering.ask(question, source, {
      signal,
      onRoute: (route) => send('route', route),
      onDelta: (text) => send('delta', { text }),
    });
    send('answer', answer);
  } catch (error) {
    if (signal.aborted) return;
    const failure = error instanceof Error ? error : new Error(String(error));
    const { status, body } = toErrorReply(failure);
    if (status === 500) log.error({ err: failure }, 'question failed');
    send('error', body);
  } finally {
    raw.end();
  }
}

export function queryRoutes(app: Api, context: RagContext): void {
  for (const { url, source, summary } of PATHS) {
    app.post(
      url,
      {
        schema: {
          tags: ['questions'],
          summary,
          body: QueryBody,
          response: { 200: AnswerBody, 400: ErrorBody, 413: ErrorBody, 415: ErrorBody, 503: ErrorBody },
        },
      },
      async (request, reply) => {
        const { question, stream: streamed = false } = request.body;
        const gone = new AbortController();
        // An answer that nobody waits for any more costs nothing further.
        reply.raw.on('close', () => gone.abort());
        if (streamed) return stream(reply, context, question, source, gone.signal);
        return context.answering.ask(question, source, { signal: gone.signal });
      },
    );
  }
}
