/**
 * One id from the front door to the database: what belongs to a request, for its log lines, its statements and, where
 * traces are collected, its spans. Without a tracer a span costs a comparison; src/lib/otlp.ts brings one.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

export type Attributes = Readonly<Record<string, string | number>>;
export type SpanHandle = {
  /** `failure`: null when it went well. */
  readonly end: (failure: string | null, attributes?: Attributes) => void;
};
export type Tracer = {
  /** Under `parent`, or as the root of the trace that is named; null: of a trace of its own. */
  readonly start: (
    name: string,
    kind: 'server' | 'client',
    attributes: Attributes,
    parent: SpanHandle | null,
    traceId: string | null,
  ) => SpanHandle;
};

export type RequestContext = { readonly requestId: string; readonly span: SpanHandle | null };

/** nginx' $request_id, which is a trace id of W3C's form as well. */
const REQUEST_ID = /^[0-9a-f]{32}$/;

const storage = new AsyncLocalStorage<RequestContext>();
let tracer: Tracer | null = null;

export function setTracer(next: Tracer | null): void {
  tracer = next;
}

/** The id that the front door gave the request; one of our own where it came another way, or was written by hand. */
export const requestIdOf = (header: unknown): string =>
  typeof header === 'string' && REQUEST_ID.test(header) ? header : randomBytes(16).toString('hex');

/** What is done by `work`, and by whatever it calls, belongs to this request. */
export function inRequest<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** The request that is being worked on; null outside of one. */
export const currentRequestId = (): string | null => storage.getStore()?.requestId ?? null;

/** The root span of a request; null without a tracer. */
export function requestSpan(name: string, requestId: string, attributes: Attributes): SpanHandle | null {
  return tracer?.start(name, 'server', attributes, null, requestId) ?? null;
}

/** Runs `work` in a span under the request's; one of its own outside of a request. */
export async function traced<T>(name: string, attributes: Attributes, work: () => Promise<T>): Promise<T> {
  if (tracer === null) return work();
  const store = storage.getStore();
  const span = tracer.start(name, 'client', attributes, store?.span ?? null, store?.requestId ?? null);
  try {
    const result = await work();
    span.end(null);
    return result;
  } catch (error) {
    span.end(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** A statement with the request's id as a comment, as sqlcommenter writes it: PostgreSQL's log and activity show it. */
export function withRequestComment(statement: string): string {
  const requestId = currentRequestId();
  return requestId === null ? statement : `/*request_id='${requestId}'*/ ${statement}`;
}
