/** What operators may ask of an agent: the history, and to pause and resume automation. */
import { Value } from 'typebox/value';
import { wallMs } from '../lib/clock.ts';
import { PAUSE_KEY, type Pause } from '../lib/cluster.ts';
import { PauseRequest } from '../lib/control-schemas.ts';
import { describeError } from '../lib/errors.ts';
import type { Etcd } from '../lib/etcd.ts';
import { readHistory } from './history.ts';

/** A status and a JSON body for one request. */
export type Answer = { readonly status: number; readonly body: object };

const DEFAULT_ROWS = 50;
const MAX_ROWS = 200;

export const refusal = (status: number, error: string, message: string, field?: string): Answer => ({
  status,
  body: {
    success: false,
    error,
    message,
    ...(field === undefined ? {} : { field }),
    timestamp: new Date(wallMs()).toISOString(),
  },
});

/** Runs a request that needs etcd: 503 with the reason when it does not answer. */
export async function withEtcd(work: () => Promise<Answer>): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    return refusal(503, 'unavailable', describeError(error));
  }
}

export function history(etcd: Etcd, query: URLSearchParams): Promise<Answer> {
  const text = query.get('limit') ?? String(DEFAULT_ROWS);
  const limit = Number(text);
  if (!/^\d{1,4}$/.test(text) || limit < 1 || limit > MAX_ROWS) {
    return Promise.resolve(
      refusal(400, 'invalid_field', `limit must be a whole number from 1 to ${MAX_ROWS}`, 'limit'),
    );
  }
  return withEtcd(async () => ({ status: 200, body: { operations: await readHistory(etcd, limit) } }));
}

/** Paused twice, the reason and the time of the first remain. */
export async function pauseAutomation(etcd: Etcd, body: unknown): Promise<Answer> {
  const wanted = Value.Default(PauseRequest, body ?? {});
  if (!Value.Check(PauseRequest, wanted)) {
    const [first] = Value.Errors(PauseRequest, wanted);
    return refusal(400, 'invalid_field', `reason ${first?.message ?? 'is not valid'}`, 'reason');
  }
  return withEtcd(async () => {
    const pause: Pause = { reason: wanted.reason, since: new Date(wallMs()).toISOString() };
    await etcd.compareAndSet(PAUSE_KEY, 0, JSON.stringify(pause));
    const stored = await etcd.get(PAUSE_KEY);
    return { status: 200, body: { paused: stored === null ? null : JSON.parse(stored.value) } };
  });
}

export function resumeAutomation(etcd: Etcd): Promise<Answer> {
  return withEtcd(async () => {
    await etcd.remove(PAUSE_KEY);
    return { status: 200, body: { paused: null } };
  });
}
