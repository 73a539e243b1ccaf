import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Random } from '../../lib/random.ts';
import { userOf } from '../../lib/users.ts';
import type { Answer } from './answers.ts';
import { personOf } from './person.ts';
import { ANSWER_MS, IDLE_MS, type Step, VirtualUser } from './virtual-user.ts';

const wallMs = Date.UTC(2026, 10, 25);
const ORDINARY = 1;
const CLUMSY = 33;
const FORGETFUL = 67;
const SCANNER = 100;

function userNo(no: number, seed = 1): VirtualUser {
  let keys = 0;
  return new VirtualUser({
    person: personOf(no),
    random: new Random(seed * 10_007 + no),
    accessCode: 'right-code',
    newKey: () => `key-${no}-${++keys}`,
  });
}

const session = (no: number): string => {
  const { userId: user_id, username, region } = userOf(no);
  return JSON.stringify({
    session_id: `session-${no}`,
    user_id,
    username,
    region,
    ip_address: '198.18.0.1',
    login_time: '2026-11-25T00:00:00.000Z',
  });
};
const answer = (status: number, body = '', retryAfterMs: number | null = null): Answer => ({
  kind: 'answer',
  status,
  body,
  retryAfterMs,
});
const silence: Answer = { kind: 'silence', reason: 'nothing came' };

function asked(step: Step): Extract<Step, { kind: 'ask' }> {
  if (step.kind !== 'ask') throw new Error('the user waits');
  return step;
}

/** Logs in at 0 and returns the step after it. */
function logIn(user: VirtualUser): Step {
  user.due(0, wallMs);
  return user.ended(answer(201, session(user.person.no)), 0).step;
}

/** Lets a user that is on go on until it asks to leave or pauses; every read is answered at once. */
function goOnUntil(
  user: VirtualUser,
  state: 'leaving' | 'pausing',
  first: Step,
): { step: Step; nowMs: number } {
  let step = first;
  for (let count = 0; count < 100_000; count++) {
    const nowMs = step.untilMs;
    step = user.due(nowMs, wallMs);
    if (user.state === state) return { step, nowMs };
    if (step.kind === 'wait') continue;
    step = user.ended(answer(step.request.expects, session(user.person.no)), nowMs).step;
  }
  throw new Error(`the user is never ${state}`);
}

/** What a perfect system would see of `users` users from the end of the first minute on. */
function simulate(users: number, durationMs: number) {
  const counts = { requests: 0, byStatus: new Map<number, number>(), idle: 0, away: 0, looks: 0 };
  for (let no = 1; no <= users; no++) {
    const user = userNo(no);
    let nowMs = 0;
    while (nowMs < durationMs) {
      const step = user.due(nowMs, wallMs);
      const next =
        step.kind === 'wait' ? step : user.ended(answer(step.request.expects, session(no)), nowMs + 5).step;
      if (step.kind === 'ask') {
        const { expects } = step.request;
        counts.requests++;
        counts.byStatus.set(expects, (counts.byStatus.get(expects) ?? 0) + 1);
      }
      nowMs = next.untilMs;
    }
    counts.looks++;
    if (user.state === 'away') counts.away++;
    if (user.onlineAt(durationMs)?.status === 'idle') counts.idle++;
  }
  return counts;
}

describe('a user', () => {
  it('logs in with the access code and a key, browses, and is on', () => {
    const user = userNo(ORDINARY);
    const { request, untilMs } = asked(user.due(1_000, wallMs));
    assert.deepEqual(
      [request.method, request.path, request.idempotencyKey],
      ['POST', '/api/sessions', 'key-1-1'],
    );
    assert.deepEqual(JSON.parse(request.body ?? ''), {
      username: userOf(ORDINARY).username,
      access_code: 'right-code',
    });
    assert.equal(untilMs, 1_000 + ANSWER_MS);
    assert.equal(user.onlineAt(1_000), null);
    const { verdict, step, acknowledged } = user.ended(answer(201, session(ORDINARY)), 1_100);
    assert.equal(verdict.kind, 'fine');
    assert.deepEqual(acknowledged, { kind: 'login', session_id: 'session-1' });
    assert.equal(user.onlineAt(1_100)?.status, 'active');
    assert.ok(asked(user.due(step.untilMs, wallMs)).request.path.startsWith('/api/'));
  });

  it('that is refused with 503 sends the same login again until 15 s are over, which is one failure', () => {
    const user = userNo(ORDINARY);
    let step: Step = asked(user.due(0, wallMs));
    const verdicts: string[] = [];
    const keys = new Set<string | null>();
    for (let nowMs = 0; verdicts.at(-1) !== 'failure'; nowMs = step.untilMs) {
      if (nowMs > 0) step = user.due(nowMs, wallMs);
      const { request, untilMs, again } = asked(step);
      assert.deepEqual([untilMs, again], [ANSWER_MS, nowMs > 0]);
      keys.add(request.idempotencyKey);
      const ended = user.ended(answer(503, '', 1_000), nowMs);
      verdicts.push(ended.verdict.kind);
      step = ended.step;
      assert.ok(nowMs < ANSWER_MS);
    }
    assert.deepEqual(new Set(verdicts.slice(0, -1)), new Set(['busy']));
    assert.ok(verdicts.length >= 12);
    assert.equal(asked(user.due(step.untilMs, wallMs)).request.idempotencyKey, [...keys][0]);
    assert.equal(keys.size, 1);
  });

  for (const [what, outcome] of [
    ['silence', silence],
    ['a 500', answer(500)],
    ['a 201 without a session', answer(201, '{}')],
  ] as const) {
    it(`keeps the key of a login that ended with ${what}`, () => {
      const user = userNo(ORDINARY);
      user.due(0, wallMs);
      const { verdict, step } = user.ended(outcome, 10);
      assert.equal(verdict.kind, 'failure');
      assert.equal(user.state, 'away');
      assert.ok(step.untilMs > 1_000);
      assert.equal(asked(user.due(step.untilMs, wallMs)).request.idempotencyKey, 'key-1-1');
    });
  }

  it('is idle after five minutes without a request, and still on', () => {
    const user = userNo(ORDINARY);
    const { step, nowMs } = goOnUntil(user, 'pausing', logIn(user));
    assert.ok(step.untilMs >= nowMs + IDLE_MS);
    assert.equal(user.onlineAt(step.untilMs)?.status, 'idle');
    assert.equal(user.onlineAt(nowMs)?.status, 'active');
    asked(user.due(step.untilMs, wallMs));
    assert.equal(user.onlineAt(step.untilMs)?.status, 'active');
  });

  it('is not reported from the moment on when it asks to leave, and asks until that is acknowledged', () => {
    const user = userNo(ORDINARY);
    let { step, nowMs } = goOnUntil(user, 'leaving', logIn(user));
    for (const outcome of [silence, answer(503)]) {
      const { request } = asked(step);
      assert.deepEqual([request.method, request.path], ['DELETE', '/api/sessions/session-1']);
      assert.equal(user.onlineAt(nowMs), null);
      const ended = user.ended(outcome, nowMs);
      assert.deepEqual([ended.verdict.kind, ended.acknowledged, user.state], ['failure', null, 'leaving']);
      nowMs = ended.step.untilMs;
      step = user.due(nowMs, wallMs);
    }
    const { acknowledged, step: next } = user.ended(answer(204), nowMs);
    assert.deepEqual(acknowledged, { kind: 'logout', session_id: 'session-1' });
    assert.notEqual(asked(user.due(next.untilMs, wallMs)).request.idempotencyKey, 'key-1-1');
  });

  it('whose session the system does not know counts a failure and logs in anew', () => {
    const user = userNo(ORDINARY);
    const { nowMs } = goOnUntil(user, 'leaving', logIn(user));
    const { verdict, acknowledged } = user.ended(answer(404), nowMs);
    assert.deepEqual([verdict.kind, acknowledged, user.state], ['failure', null, 'away']);
  });

  it('that is forgetful is refused with 401, and in with the right code and another key', () => {
    const users = Array.from({ length: 50 }, (_, seed) => userNo(FORGETFUL, seed));
    const wrong = users.filter((user) => asked(user.due(0, wallMs)).request.expects === 401);
    assert.ok(wrong.length > 10 && wrong.length < 40);
    for (const user of wrong) {
      const { verdict, step } = user.ended(answer(401), 10);
      assert.equal(verdict.kind, 'expected-error');
      const { request } = asked(user.due(step.untilMs, wallMs));
      assert.deepEqual([request.expects, request.idempotencyKey], [201, `key-${FORGETFUL}-2`]);
    }
  });

  it('that is a scanner never logs in and is never on', () => {
    const user = userNo(SCANNER);
    for (let nowMs = 0, count = 0; count < 100; count++) {
      assert.equal(asked(user.due(nowMs, wallMs)).request.expects, 404);
      nowMs = user.ended(answer(404), nowMs).step.untilMs;
      assert.equal(user.onlineAt(nowMs), null);
    }
  });

  it('that is clumsy makes mistakes now and then, others none', () => {
    const mistakes = (no: number): number => {
      const user = userNo(no);
      let step = logIn(user);
      let count = 0;
      for (let n = 0; n < 1_000; n++) {
        const nowMs = step.untilMs;
        step = user.due(nowMs, wallMs);
        if (step.kind === 'wait') continue;
        if (step.request.expects === 400) count++;
        step = user.ended(answer(step.request.expects, session(no)), nowMs).step;
      }
      return count;
    };
    assert.equal(mistakes(ORDINARY), 0);
    assert.ok(mistakes(CLUMSY) > 50);
  });

  it('does not ask twice at a time, and takes no answer that it did not ask for', () => {
    const user = userNo(ORDINARY);
    assert.throws(() => user.ended(answer(200), 0), /asked for nothing/);
    user.due(0, wallMs);
    assert.throws(() => user.due(1, wallMs), /waits for an answer/);
  });
});

describe('1,000 users', () => {
  it('make about 100 requests a second, 1 % of them errors on purpose; some are idle, some away', () => {
    const durationMs = 2 * 3_600_000;
    const { requests, byStatus, idle, away } = simulate(1_000, durationMs);
    const perSecond = requests / (durationMs / 1_000);
    assert.ok(perSecond > 90 && perSecond < 110, `${perSecond} requests a second`);
    for (const status of [400, 401, 404]) assert.ok((byStatus.get(status) ?? 0) > 10, `${status}`);
    const errors = [400, 401, 404].reduce((sum, status) => sum + (byStatus.get(status) ?? 0), 0);
    assert.ok(errors / requests > 0.005 && errors / requests < 0.03, `${errors} errors of ${requests}`);
    assert.ok(idle > 20 && idle < 150, `${idle} idle`);
    assert.ok(away > 20 && away < 150, `${away} away`);
  });
});
