/** Requests to the API. A failure is always an ApiError that a person can act on. */
import { useCallback, useEffect, useState } from 'react';
import { every } from '../lib/clock.ts';
import { isErrorBody, type Shape } from './shapes.ts';

const DEADLINE_MS = 10_000;

/** `status` is the HTTP status, or null when no answer came; `field` what the API says is wrong, if anything. */
export class ApiError extends Error {
  readonly status: number | null;
  readonly field: string | null;

  constructor(message: string, status: number | null, cause?: unknown, field: string | null = null) {
    super(message, { cause });
    this.name = 'ApiError';
    this.status = status;
    this.field = field;
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === null || this.status >= 500 || this.status === 429;
  }
}

type Sent = { readonly method: 'GET' | 'POST' | 'PATCH'; readonly body?: object };

/** Every POST has a key of its own, so that a proxy that repeats it does not do it twice. */
function initOf({ method, body }: Sent): RequestInit {
  const headers: Record<string, string> = { accept: 'application/json' };
  if (method === 'POST') headers['idempotency-key'] = crypto.randomUUID();
  if (body === undefined) return { method, headers };
  headers['content-type'] = 'application/json';
  return { method, headers, body: JSON.stringify(body) };
}

async function requestJson<T>(
  path: string,
  sent: Sent,
  shape: Shape<T>,
  signal: AbortSignal,
  deadline_ms: number,
): Promise<T> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(path, {
      ...initOf(sent),
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadline_ms)]),
    });
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    body = isJson ? await response.json() : null;
  } catch (cause) {
    signal.throwIfAborted();
    throw new ApiError(
      cause instanceof DOMException && cause.name === 'TimeoutError'
        ? `No answer within ${deadline_ms / 1000} s.`
        : 'The API cannot be reached.',
      null,
      cause,
    );
  }
  if (!response.ok) {
    if (!isErrorBody(body)) {
      throw new ApiError(`The API answered with status ${response.status}.`, response.status);
    }
    throw new ApiError(body.message, response.status, undefined, body.field ?? null);
  }
  if (!shape(body)) throw new ApiError('The API answered with something this page does not understand.', 502);
  return body;
}

/** The parsed answer. Rejects with ApiError, or with the signal's reason when it aborts. */
export function getJson<T>(
  path: string,
  shape: Shape<T>,
  signal: AbortSignal,
  deadline_ms = DEADLINE_MS,
): Promise<T> {
  return requestJson(path, { method: 'GET' }, shape, signal, deadline_ms);
}

/** Sends a command; `body` null sends none. It is not aborted: nobody could tell what became of it. */
export function postJson<T>(
  path: string,
  body: object | null,
  shape: Shape<T>,
  deadline_ms: number,
): Promise<T> {
  const sent: Sent = body === null ? { method: 'POST' } : { method: 'POST', body };
  return requestJson(path, sent, shape, new AbortController().signal, deadline_ms);
}

/** Changes what is stored; as postJson. It may be repeated: it names the version that it changes. */
export function patchJson<T>(path: string, body: object, shape: Shape<T>, deadline_ms: number): Promise<T> {
  return requestJson(path, { method: 'PATCH', body }, shape, new AbortController().signal, deadline_ms);
}

export type Resource<T> = {
  /** The last good answer for the current path; it stays while a newer one is fetched or fails. */
  readonly data: T | null;
  readonly error: ApiError | null;
  readonly reload: () => void;
};

/** Fetches `path` (null: nothing) now, on `reload`, and every `refresh_s` while that is not null. */
export function useGet<T>(path: string | null, shape: Shape<T>, refresh_s: number | null): Resource<T> {
  const [round, setRound] = useState(0);
  const [state, setState] = useState<{ path: string; data: T | null; error: ApiError | null } | null>(null);
  const reload = useCallback(() => setRound((n) => n + 1), []);
  useEffect(() => {
    if (refresh_s === null) return;
    return every(refresh_s * 1000, reload);
  }, [refresh_s, reload]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is what asks for another fetch.
  useEffect(() => {
    if (path === null) return;
    const abort = new AbortController();
    getJson(path, shape, abort.signal).then(
      (data) => setState({ path, data, error: null }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const known = error instanceof ApiError ? error : new ApiError(String(error), null, error);
        setState((old) => ({ path, data: old?.path === path ? old.data : null, error: known }));
      },
    );
    return () => abort.abort();
  }, [path, shape, round]);
  const current = state !== null && state.path === path ? state : null;
  return { data: current?.data ?? null, error: current?.error ?? null, reload };
}
