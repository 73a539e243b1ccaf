/** One answer of the API, kept while the next one is on its way or cannot be had. */
import { useCallback, useEffect, useId, useRef, useState } from 'react';
import { monotonicMs, wallMs } from '../lib/clock.ts';
import { randomFraction } from '../lib/random.ts';
import type { ApiError } from './api.ts';
import { backoffMs } from './backoff.ts';
import { setStream, useLive } from './live-control.ts';
import { poll } from './poll.ts';
import type { Shape } from './shapes.ts';

export type Answer<T> = {
  readonly data: T | null;
  /** Unix milliseconds of the arrival of `data`. */
  readonly heardAt_ms: number;
  /** The same moment on the monotonic clock, for ages. */
  readonly arrivedAt_ms: number;
  /** `data` answers the question before this one; the answer to this one is on its way. */
  readonly outdated: boolean;
  readonly error: ApiError | null;
  readonly retry: () => void;
};

type Kept<T> = Pick<Answer<T>, 'data' | 'heardAt_ms' | 'arrivedAt_ms'> & { readonly key: string | null };

/**
 * The answer to `pathAt` of the present time (null: nothing is asked), again every `period_ms` (null: once) while the
 * page is live. A failure that may pass is tried again with growing waits. Two functions ask the same when they name
 * the same path at time zero; a question that is only no longer repeated is not asked once more.
 */
export function useAnswer<T>(
  pathAt: ((now_ms: number) => string) | null,
  shape: Shape<T>,
  period_ms: number | null,
): Answer<T> {
  const live = useLive();
  const id = useId();
  const [round, setRound] = useState(0);
  const [kept, setKept] = useState<Kept<T>>({ key: null, data: null, heardAt_ms: 0, arrivedAt_ms: 0 });
  const [failure, setFailure] = useState<{ key: string; error: ApiError } | null>(null);
  const key = pathAt === null ? null : pathAt(0);
  const latest = useRef(pathAt);
  const settled = useRef<string | null>(null);
  useEffect(() => {
    latest.current = pathAt;
  });
  useEffect(() => {
    const question = `${round} ${key}`;
    if (key === null || !live || (period_ms === null && settled.current === question)) return;
    const end = poll({
      pathNow: () => latest.current?.(wallMs()) ?? key,
      shape,
      wait_ms: (error, failures) => {
        if (error === null) return period_ms;
        return error.passing ? backoffMs(failures - 1, randomFraction()) : null;
      },
      take: (answer, wait_ms) => {
        if ('error' in answer) {
          setFailure({ key, error: answer.error });
          const retryAt_ms = monotonicMs() + (wait_ms ?? 0);
          setStream(id, wait_ms === null ? null : { kind: 'waiting', attempt: 1, retryAt_ms });
          return;
        }
        settled.current = question;
        setFailure(null);
        setKept({ key, data: answer.value, heardAt_ms: wallMs(), arrivedAt_ms: monotonicMs() });
        setStream(id, period_ms === null ? null : { kind: 'open' });
      },
    });
    return () => {
      end();
      setStream(id, null);
    };
  }, [live, key, shape, period_ms, round, id]);
  const retry = useCallback(() => setRound((n) => n + 1), []);
  const error = failure !== null && failure.key === key ? failure.error : null;
  // Rows of another filter may stand in while the right ones are fetched, but not when those cannot be had.
  const data = kept.key === key || (key !== null && error === null) ? kept.data : null;
  const { heardAt_ms, arrivedAt_ms } = kept;
  return { data, heardAt_ms, arrivedAt_ms, outdated: kept.key !== key, error, retry };
}
