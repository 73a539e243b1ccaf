/** Requests to a service of a running instance, through its front door. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { monotonicMs, sleep } from './clock.ts';
import { describeError, UnavailableError, UsageError } from './errors.ts';

const CALL_LIMIT_MS = 30_000;
const AGAIN_MS = 300;
const Problem = Type.Object({ message: Type.String() });

/**
 * The answer of a request, which is sent again while the service is not there, for `waitMs` at most: a failover is
 * waited for, an outage is not. Throws UsageError with what the service says is wrong, UnavailableError when it did not
 * take the request in time.
 */
export async function askService(url: string, request: RequestInit, waitMs: number): Promise<unknown> {
  const deadlineMs = monotonicMs() + waitMs;
  for (;;) {
    let failure: string;
    try {
      const response = await fetch(url, { ...request, signal: AbortSignal.timeout(CALL_LIMIT_MS) });
      const body: unknown = await response.json();
      if (response.ok) return body;
      failure = Value.Check(Problem, body) ? body.message : `the service answered ${response.status}`;
      if (response.status < 500) throw new UsageError(failure);
    } catch (error) {
      if (error instanceof UsageError) throw error;
      failure = describeError(error);
    }
    if (monotonicMs() > deadlineMs) {
      const message = `the service does not take it: ${failure}`;
      throw new UnavailableError(message, 1, undefined, message);
    }
    await sleep(AGAIN_MS);
  }
}
