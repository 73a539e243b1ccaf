/**
 * A server that speaks Cohere's v2 wire format (embed, rerank, streamed chat with citations) for tests: the client is
 * the real one. What it answers is simple: texts with the same words are near, and the answer quotes the document that
 * has the most words of the question. Its faults can be switched while it runs.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { after, sleep } from '../clock.ts';

export type Fault =
  | { readonly kind: 'none' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'slow'; readonly delayMs: number }
  | { readonly kind: 'hang' }
  | { readonly kind: 'garbage'; readonly body: string }
  /** Of the streamed chat, after so many events. */
  | { readonly kind: 'cut'; readonly afterEvents: number }
  /** The chat says a figure that no document has. */
  | { readonly kind: 'invents' };

const DIMENSIONS = 1_024;
/** So that what was written before is sent. */
const CUT_MS = 20;
const JPEG_URL = '^data:image/jpeg;base64,[A-Za-z0-9+/=]+$';
const Embed = Type.Object({
  texts: Type.Optional(Type.Array(Type.String())),
  images: Type.Optional(Type.Array(Type.String({ pattern: JPEG_URL }))),
  model: Type.String(),
  input_type: Type.String(),
});
const Rerank = Type.Object({
  query: Type.String(),
  documents: Type.Array(Type.String()),
  top_n: Type.Integer(),
});
const Chat = Type.Object({
  messages: Type.Array(Type.Object({ role: Type.String(), content: Type.String() })),
  documents: Type.Array(
    Type.Object({ id: Type.String(), data: Type.Object({ title: Type.String(), text: Type.String() }) }),
  ),
});

/** A photo that is to be described: the answer is not streamed. */
const PhotoChat = Type.Object({
  messages: Type.Array(
    Type.Object({
      role: Type.String(),
      content: Type.Tuple([
        Type.Object({ type: Type.Literal('text'), text: Type.String() }),
        Type.Object({
          type: Type.Literal('image_url'),
          image_url: Type.Object({ url: Type.String({ pattern: JPEG_URL }) }),
        }),
      ]),
    }),
    { minItems: 1 },
  ),
});
/** What the stand-in says of every photo. */
export const PHOTO_WORDS = 'A worker with a yellow hard hat stands at a pump.';

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[a-z0-9]+/g) ?? [];

function vectorOf(text: string): number[] {
  const vector = new Array<number>(DIMENSIONS).fill(0);
  for (const word of wordsOf(text)) {
    let hash = 7;
    for (const sign of word) hash = (hash * 31 + (sign.codePointAt(0) ?? 0)) % DIMENSIONS;
    vector[hash] = (vector[hash] ?? 0) + 1;
  }
  vector[0] = (vector[0] ?? 0) + 0.01;
  return vector;
}

function overlap(question: string, text: string): number {
  const asked = new Set(wordsOf(question));
  const there = new Set(wordsOf(text));
  return [...asked].filter((word) => there.has(word)).length / Math.max(1, asked.size);
}

export class CohereStandIn {
  fault: Fault = { kind: 'none' };
  /** Paths that were asked for, and the keys that came with them. */
  readonly calls: string[] = [];
  readonly keys = new Set<string>();
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    const { port } = this.#server.address() as AddressInfo;
    return `http://127.0.0.1:${port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { fault } = this;
    const path = request.url ?? '';
    this.calls.push(path);
    this.keys.add(request.headers.authorization ?? '');
    const body: unknown = await json(request);
    if (fault.kind === 'hang') return;
    if (fault.kind === 'slow') await sleep(fault.delayMs);
    if (fault.kind === 'status') {
      response.writeHead(fault.status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ message: `status ${fault.status}` }));
      return;
    }
    if (fault.kind === 'garbage') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(fault.body);
      return;
    }
    if (path === '/v2/chat' && !Value.Check(PhotoChat, body)) this.#chat(Value.Parse(Chat, body), response);
    else
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(reply(path, body)));
  }

  #chat({ messages, documents }: Type.Static<typeof Chat>, response: ServerResponse): void {
    const question = messages.at(-1)?.content ?? '';
    const [best] = documents.toSorted(
      (a, b) => overlap(question, b.data.text) - overlap(question, a.data.text),
    );
    const sentence =
      best?.data.text
        .split(/(?<=[.!?])\s/)
        .toSorted((a, b) => overlap(question, b) - overlap(question, a))[0] ?? '';
    const text = this.fault.kind === 'invents' ? 'It was 987654.' : sentence;
    const pieces = text.match(/.{1,12}/gs) ?? [];
    const source = { type: 'document', id: best?.id ?? '', document: best?.data ?? {} };
    const events: { type: string; delta?: object; index?: number; id?: string }[] = [
      { type: 'message-start', id: 'x', delta: { message: { role: 'assistant', content: [] } } },
      { type: 'content-start', index: 0, delta: { message: { content: { type: 'text', text: '' } } } },
      ...pieces.map((piece) => ({
        type: 'content-delta',
        index: 0,
        delta: { message: { content: { text: piece } } },
      })),
      {
        type: 'citation-start',
        index: 0,
        delta: {
          message: {
            citations: { start: 0, end: text.length, text, sources: [source], type: 'TEXT_CONTENT' },
          },
        },
      },
      { type: 'citation-end', index: 0 },
      { type: 'content-end', index: 0 },
      {
        type: 'message-end',
        delta: { finish_reason: 'COMPLETE', usage: { tokens: { input_tokens: 1, output_tokens: 1 } } },
      },
    ];
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const told = this.fault.kind === 'cut' ? events.slice(0, this.fault.afterEvents) : events;
    for (const event of told) response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
    if (this.fault.kind === 'cut') after(CUT_MS, () => response.destroy());
    else response.end();
  }
}

function reply(path: string, body: unknown): object {
  if (path === '/v2/embed') {
    const { texts = [], images = [] } = Value.Parse(Embed, body);
    return {
      id: 'x',
      response_type: 'embeddings_by_type',
      embeddings: { float: [...texts, ...images.map(() => PHOTO_WORDS)].map(vectorOf) },
      texts,
    };
  }
  if (path === '/v2/chat') {
    const content = [{ type: 'text', text: PHOTO_WORDS }];
    return { id: 'x', finish_reason: 'COMPLETE', message: { role: 'assistant', content } };
  }
  const { query, documents, top_n } = Value.Parse(Rerank, body);
  const results = documents
    .map((text, index) => ({ index, relevance_score: overlap(query, text) }))
    .sort((a, b) => b.relevance_score - a.relevance_score)
    .slice(0, top_n);
  return { id: 'x', results };
}
