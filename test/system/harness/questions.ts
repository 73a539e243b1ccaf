/** The service that answers questions, as its clients use it. */
import assert from 'node:assert/strict';
import { Value } from 'typebox/value';
import { eventually } from '../../../src/lib/eventually.ts';
import type { Topology } from '../../../src/lib/topology.ts';
import { AddedBody, AnswerBody, DocumentBody, DocumentsBody } from '../../../src/rag/schemas.ts';

const CALL_LIMIT_MS = 40_000;
const READ_LIMIT_MS = 20_000;

export type Reply = { readonly status: number; readonly body: unknown };

export class Questions {
  readonly #at: Topology;

  constructor(at: Topology) {
    this.#at = at;
  }

  /** Any request to the public port of the service, or another of the front door. */
  async send(path: string, init: RequestInit = {}, port: number = this.#at.edge.rag): Promise<Reply> {
    const url = `http://${this.#at.host}:${port}${path}`;
    const response = await fetch(url, { signal: AbortSignal.timeout(CALL_LIMIT_MS), ...init });
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, body: isJson ? await response.json() : await response.text() };
  }

  asking(question: unknown, path = '/query', port?: number): Promise<Reply> {
    const headers = { 'content-type': 'application/json' };
    return this.send(path, { method: 'POST', headers, body: JSON.stringify({ question }) }, port);
  }

  async ask(question: string, path?: string, port?: number): Promise<AnswerBody> {
    const { status, body } = await this.asking(question, path, port);
    assert.equal(status, 200, JSON.stringify(body));
    return Value.Parse(AnswerBody, body);
  }

  async documents(): Promise<DocumentsBody> {
    const { status, body } = await this.send('/api/documents');
    if (status !== 200) throw new Error(JSON.stringify(body));
    return Value.Parse(DocumentsBody, body);
  }

  upload(name: string, content: string | Uint8Array): Promise<Reply> {
    return this.send(`/api/documents?name=${encodeURIComponent(name)}`, {
      method: 'POST',
      headers: { 'content-type': 'application/octet-stream' },
      body: typeof content === 'string' ? content : Uint8Array.from(content),
    });
  }

  /** The document once it is searchable or failed. */
  async read(name: string, content: string | Uint8Array): Promise<DocumentBody> {
    const { status, body } = await this.upload(name, content);
    assert.equal(status, 201, JSON.stringify(body));
    const { document } = Value.Parse(AddedBody, body);
    return eventually(`${name} is read`, READ_LIMIT_MS, async () => {
      const now = Value.Parse(DocumentBody, (await this.send(`/api/documents/${document.document_id}`)).body);
      return ['searchable', 'indexed', 'failed'].includes(now.state) ? now : undefined;
    });
  }

  remove({ document_id }: DocumentBody): Promise<Reply> {
    return this.send(`/api/documents/${document_id}`, { method: 'DELETE' });
  }
}
