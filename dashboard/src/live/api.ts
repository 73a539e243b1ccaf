/** GET requests to the API. A failure is always an ApiError that a person can act on. */
import { useCallback, useEffect, useState } from 'react';
import { every } from '../lib/clock.ts';
import { isErrorBody, type Shape } from './shapes.ts';

const DEADLINE_MS = 10_000;

/** `status` is the HTTP status, or null when no answer came. */
export class ApiError extends Error {
  readonly status: number | null;

  constructor(message: string, status: number | null, cause?: unknown) {
    super(message, { cause });
    this.name = 'ApiError';
    this.status = status;
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === null || this.status >= 500 || this.status === 429;
  }
}

/** The parsed answer. Rejects with ApiError, or with the signal's reason when it aborts. */
export async function getJson<T>(path: string, shape: Shape<T>, signal: AbortSignal): Promise<T> {
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(path, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(DEADLINE_MS)]),
      headers: { accept: 'application/json' },
    });
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    body = isJson ? await response.json() : null;
  } catch (cause) {
    signal.throwIfAborted();
    throw new ApiError(
      cause instanceof DOMException && cause.name === 'TimeoutError'
        ? `No answer within ${DEADLINE_MS / 1000} s.`
        : 'The API cannot be reached.',
      null,
      cause,
    );
  }
  if (!response.ok) {
    const message = isErrorBody(body) ? body.message : `The API answered with status ${response.status}.`;
    throw new ApiError(message, response.status);
  }
  if (!shape(body)) throw new ApiError('The API answered with something this page does not understand.', 502);
  return body;
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
