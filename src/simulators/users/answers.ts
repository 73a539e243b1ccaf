/** What an answer is worth: as it should be, an error that was asked for, or a failure of the system. */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { Histogram, type Quantiles } from '../../lib/histogram.ts';
import type { Person } from './person.ts';
import type { UserRequest } from './requests.ts';

/** What a login answers: src/api/user-schemas.ts. */
const Session = Type.Object({
  session_id: Type.String(),
  user_id: Type.String(),
  username: Type.String(),
  region: Type.String(),
  ip_address: Type.String(),
  login_time: Type.String(),
});
export type Session = Static<typeof Session>;

export type Answer =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly retryAfterMs: number | null;
      readonly body: string;
    }
  /** No answer in time, or a connection that broke. */
  | { readonly kind: 'silence'; readonly reason: string };

export type Verdict =
  | { readonly kind: 'fine' }
  | { readonly kind: 'expected-error'; readonly status: number }
  /** The login is not refused, only not possible now: the same one is sent again. */
  | { readonly kind: 'busy' }
  | { readonly kind: 'failure'; readonly reason: string };

/** Pure. */
export function judge(request: UserRequest, answer: Answer): Verdict {
  if (answer.kind === 'silence') return { kind: 'failure', reason: answer.reason };
  const { status } = answer;
  if (request.kind === 'login' && status === 503) return { kind: 'busy' };
  if (status !== request.expects)
    return { kind: 'failure', reason: `${status} instead of ${request.expects}` };
  if (status >= 400) return { kind: 'expected-error', status };
  return { kind: 'fine' };
}

/** null: the body is not that of a login. */
export function sessionOf(body: string): Session | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return Value.Check(Session, parsed) ? parsed : null;
  } catch {
    return null;
  }
}

/** Two clocks, read at the same time: the first never jumps, the second is what people read. */
export type Now = { readonly monotonicMs: number; readonly wallMs: number };

const SLOT_MS = 5_000;
/** With the one that fills, the window is 60 to 65 s long. */
const SLOTS = 13;
const KEPT_FAILURES = 5;

/** The account of all requests that are over, however they ended. */
export class Tally {
  requests = 0;
  failures = 0;
  /** Logins sent again after a 503. */
  retries = 0;
  worstMs = 0;
  readonly lastFailures: string[] = [];
  readonly expectedErrors = new Map<number, number>();
  readonly #slots = Array.from({ length: SLOTS }, () => new Histogram());
  #slot = 0;

  /** `tookMs` is from the first attempt; of a request that failed, until that was known. */
  record(verdict: Verdict, request: UserRequest, person: Person, tookMs: number, now: Now): void {
    switch (verdict.kind) {
      case 'busy':
        this.retries++;
        return;
      case 'expected-error':
        this.expectedErrors.set(verdict.status, (this.expectedErrors.get(verdict.status) ?? 0) + 1);
        break;
      case 'failure':
        this.failures++;
        this.lastFailures.push(
          `${new Date(now.wallMs).toISOString()} ${person.user.username} ${request.method} ${request.path}: ${verdict.reason}`,
        );
        if (this.lastFailures.length > KEPT_FAILURES) this.lastFailures.shift();
        break;
      case 'fine':
        break;
      default:
        verdict satisfies never;
    }
    this.requests++;
    this.worstMs = Math.max(this.worstMs, tookMs);
    this.#slotAt(now.monotonicMs).record(tookMs);
  }

  /** Of the last minute and up to 5 s more. NaN: there was nothing. */
  latency(now: Now): Quantiles {
    this.#slotAt(now.monotonicMs);
    const sum = new Histogram();
    for (const { counts, maxUs } of this.#slots) sum.add(counts, maxUs);
    return sum.quantiles();
  }

  /** The slot that fills now; those since the last call are emptied. */
  #slotAt(monotonicMs: number): Histogram {
    const slot = Math.floor(monotonicMs / SLOT_MS);
    for (let next = Math.max(this.#slot + 1, slot - SLOTS + 1); next <= slot; next++) {
      this.#slots[next % SLOTS] = new Histogram();
    }
    this.#slot = Math.max(this.#slot, slot);
    const current = this.#slots[this.#slot % SLOTS];
    if (current === undefined) throw new Error(`slot ${this.#slot} is missing`);
    return current;
  }
}
