/**
 * One simulated user, as a state machine without I/O: it is told that its moment has come or how its request ended,
 * and says what it asks next, or until when it waits.
 *
 *   away ──> arriving ──> browsing <──> pausing
 *    ^          │            │
 *    ├──────────┘            v
 *    └─────────────────── leaving            scanning: for ever, without logging in
 *
 * A login whose outcome is not known is sent again under its idempotency key until it is answered, and a logout until
 * it is acknowledged: so the system's sessions and ours stay the same.
 */
import type { Random } from '../../lib/random.ts';
import { type Answer, judge, type Session, sessionOf, type Verdict } from './answers.ts';
import type { Person } from './person.ts';
import {
  loginRequest,
  logoutRequest,
  mistakenRequest,
  readRequest,
  scanRequest,
  type UserRequest,
} from './requests.ts';

/** Times are of one monotonic clock, milliseconds. */
export type Step =
  | { readonly kind: 'ask'; readonly request: UserRequest; readonly untilMs: number; readonly again: boolean }
  | { readonly kind: 'wait'; readonly untilMs: number };

/** What the system has acknowledged about a session. */
export type SessionAck = { readonly kind: 'login' | 'logout'; readonly session_id: string };
export type Ended = {
  readonly verdict: Verdict;
  readonly step: Step;
  readonly acknowledged: SessionAck | null;
};

type Login = { readonly key: string; readonly wrong: boolean };
type UserState =
  | { readonly name: 'away'; readonly login: Login | null }
  | { readonly name: 'arriving'; readonly login: Login; readonly untilMs: number }
  | { readonly name: 'browsing'; readonly session: Session; readonly askedMs: number }
  | { readonly name: 'pausing'; readonly session: Session; readonly askedMs: number }
  | { readonly name: 'leaving'; readonly session: Session }
  | { readonly name: 'scanning' };
export type StateName = UserState['name'];

export type UserOptions = {
  readonly person: Person;
  readonly random: Random;
  readonly accessCode: string;
  /** Makes idempotency keys: never the same again, whatever the seed. */
  readonly newKey: () => string;
};

/** A failure is no answer within this. */
export const ANSWER_MS = 15_000;
export const IDLE_MS = 5 * 60_000;
/** With the times below a user is browsing for 86 % of the time, so that all make one request in 10 s on average. */
const THINK_MEAN_MS = 8_600;
const THINK_MIN_MS = 300;
const PAUSE_MORE_MEAN_MS = 3 * 60_000;
const AWAY_MEAN_MS = 150_000;
const AWAY_MIN_MS = 5_000;
const PAUSE_SHARE = 1 / 700;
const LEAVE_SHARE = 1 / 210;
const MISTAKE_SHARE = 0.1;
const WRONG_CODE_SHARE = 0.5;
const SCAN_MEAN_MS = 4_000;
const TRY_AGAIN_MS = { least: 3_000, most: 8_000 };
/** When a 503 does not say. */
const RETRY_AFTER_MS = 500;
const SHUT_OUT: Verdict = { kind: 'failure', reason: `503 to every attempt within ${ANSWER_MS / 1000} s` };
const NO_SESSION: Verdict = { kind: 'failure', reason: '201 without a session' };

export class VirtualUser {
  readonly person: Person;
  readonly #random: Random;
  readonly #accessCode: string;
  readonly #newKey: () => string;
  #state: UserState;
  #asked: UserRequest | null = null;

  constructor({ person, random, accessCode, newKey }: UserOptions) {
    this.person = person;
    this.#random = random;
    this.#accessCode = accessCode;
    this.#newKey = newKey;
    this.#state = person.habit === 'scanner' ? { name: 'scanning' } : { name: 'away', login: null };
  }

  get state(): StateName {
    return this.#state.name;
  }

  /** What is under way; null: nothing. */
  get request(): UserRequest | null {
    return this.#asked;
  }

  /**
   * The session, while it is certainly open. Not from the moment on when the user asks to end it: a report that said
   * so later than the system ended it would open it again.
   */
  onlineAt(nowMs: number): { readonly session: Session; readonly status: 'active' | 'idle' } | null {
    const state = this.#state;
    if (state.name !== 'browsing' && state.name !== 'pausing') return null;
    return { session: state.session, status: nowMs - state.askedMs >= IDLE_MS ? 'idle' : 'active' };
  }

  /** The moment has come that the last step waited for. Throws while a request is under way. */
  due(nowMs: number, wallMs: number): Step {
    if (this.#asked !== null) throw new Error(`${this.person.user.userId} waits for an answer`);
    const state = this.#state;
    switch (state.name) {
      case 'away': {
        const login = state.login ?? this.#newLogin();
        this.#state = { name: 'arriving', login, untilMs: nowMs + ANSWER_MS };
        return this.#ask(this.#loginRequest(login), nowMs + ANSWER_MS);
      }
      case 'arriving':
        return this.#ask(this.#loginRequest(state.login), state.untilMs, true);
      case 'browsing':
        return this.#browse(state.session, state.askedMs, nowMs, wallMs);
      case 'pausing':
        return this.#read(state.session, nowMs, wallMs);
      case 'leaving':
        return this.#ask(logoutRequest(state.session.session_id), nowMs + ANSWER_MS);
      case 'scanning':
        return this.#ask(scanRequest(this.#random), nowMs + ANSWER_MS);
      default:
        return state satisfies never;
    }
  }

  /** How the request that is under way ended. Throws when there is none. */
  ended(answer: Answer, nowMs: number): Ended {
    const request = this.#asked;
    if (request === null) throw new Error(`${this.person.user.userId} asked for nothing`);
    this.#asked = null;
    const verdict = judge(request, answer);
    const state = this.#state;
    switch (state.name) {
      case 'arriving':
        return this.#afterLogin(state, verdict, answer, nowMs);
      case 'leaving':
        return this.#afterLogout(state.session, verdict, answer, nowMs);
      case 'browsing':
        return { verdict, step: this.#think(nowMs), acknowledged: null };
      case 'scanning': {
        const untilMs = nowMs + this.#random.exponential(SCAN_MEAN_MS);
        return { verdict, step: { kind: 'wait', untilMs }, acknowledged: null };
      }
      case 'away':
      case 'pausing':
        throw new Error(`${this.person.user.userId} got an answer while ${state.name}`);
      default:
        return state satisfies never;
    }
  }

  #afterLogin(
    { login, untilMs }: Extract<UserState, { name: 'arriving' }>,
    verdict: Verdict,
    answer: Answer,
    nowMs: number,
  ): Ended {
    switch (verdict.kind) {
      case 'busy': {
        const afterMs = answer.kind === 'answer' ? answer.retryAfterMs : null;
        // A quarter earlier or later: those who were refused together need not come back together.
        const againMs = nowMs + (afterMs ?? RETRY_AFTER_MS) * this.#random.between(0.75, 1.25);
        if (againMs >= untilMs) return this.#notIn(login, SHUT_OUT, nowMs);
        return { verdict, step: { kind: 'wait', untilMs: againMs }, acknowledged: null };
      }
      case 'expected-error':
        return this.#notIn({ key: this.#newKey(), wrong: false }, verdict, nowMs);
      case 'failure':
        return this.#notIn(login, verdict, nowMs);
      case 'fine': {
        const session = answer.kind === 'answer' ? sessionOf(answer.body) : null;
        if (session === null) return this.#notIn(login, NO_SESSION, nowMs);
        this.#state = { name: 'browsing', session, askedMs: nowMs };
        const { session_id } = session;
        return { verdict, step: this.#think(nowMs), acknowledged: { kind: 'login', session_id } };
      }
      default:
        return verdict satisfies never;
    }
  }

  #notIn(next: Login, verdict: Verdict, nowMs: number): Ended {
    this.#state = { name: 'away', login: next };
    return { verdict, step: this.#tryAgain(nowMs), acknowledged: null };
  }

  /** A session that the system does not know is over for the user too. */
  #afterLogout({ session_id }: Session, verdict: Verdict, answer: Answer, nowMs: number): Ended {
    const fine = verdict.kind === 'fine';
    const unknown = answer.kind === 'answer' && answer.status === 404;
    if (!fine && !unknown) return { verdict, step: this.#tryAgain(nowMs), acknowledged: null };
    this.#state = { name: 'away', login: null };
    const awayMs = AWAY_MIN_MS + this.#random.exponential(AWAY_MEAN_MS - AWAY_MIN_MS);
    return {
      verdict,
      step: { kind: 'wait', untilMs: nowMs + awayMs },
      acknowledged: fine ? { kind: 'logout', session_id } : null,
    };
  }

  #browse(session: Session, askedMs: number, nowMs: number, wallMs: number): Step {
    const choice = this.#random.float();
    if (choice < LEAVE_SHARE) {
      this.#state = { name: 'leaving', session };
      return this.#ask(logoutRequest(session.session_id), nowMs + ANSWER_MS);
    }
    if (choice < LEAVE_SHARE + PAUSE_SHARE) {
      this.#state = { name: 'pausing', session, askedMs };
      return { kind: 'wait', untilMs: nowMs + IDLE_MS + this.#random.exponential(PAUSE_MORE_MEAN_MS) };
    }
    return this.#read(session, nowMs, wallMs);
  }

  #read(session: Session, nowMs: number, wallMs: number): Step {
    this.#state = { name: 'browsing', session, askedMs: nowMs };
    const mistaken = this.person.habit === 'clumsy' && this.#random.float() < MISTAKE_SHARE;
    const request = mistaken ? mistakenRequest(this.#random) : readRequest(this.person, this.#random, wallMs);
    return this.#ask(request, nowMs + ANSWER_MS);
  }

  #newLogin(): Login {
    const wrong = this.person.habit === 'forgetful' && this.#random.float() < WRONG_CODE_SHARE;
    return { key: this.#newKey(), wrong };
  }

  #loginRequest({ key, wrong }: Login): UserRequest {
    return loginRequest(this.person.user.username, this.#accessCode, key, wrong);
  }

  #ask(request: UserRequest, untilMs: number, again = false): Step {
    this.#asked = request;
    return { kind: 'ask', request, untilMs, again };
  }

  #think(nowMs: number): Step {
    return {
      kind: 'wait',
      untilMs: nowMs + THINK_MIN_MS + this.#random.exponential(THINK_MEAN_MS - THINK_MIN_MS),
    };
  }

  #tryAgain(nowMs: number): Step {
    return { kind: 'wait', untilMs: nowMs + this.#random.between(TRY_AGAIN_MS.least, TRY_AGAIN_MS.most) };
  }
}
