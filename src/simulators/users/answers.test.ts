import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../lib/random.ts';
import { type Answer, judge, Tally, type Verdict } from './answers.ts';
import { personOf } from './person.ts';
import { loginRequest, logoutRequest, mistakenRequest, readRequest, scanRequest } from './requests.ts';

const random = new Random(1);
const person = personOf(1);
const answer = (status: number): Answer => ({ kind: 'answer', status, retryAfterMs: null, body: '' });
const at = (seconds: number) => ({ monotonicMs: seconds * 1000, wallMs: Date.UTC(2026, 10, 25) });

const REQUESTS = {
  read: readRequest(person, random, 0),
  mistake: mistakenRequest(random),
  scan: scanRequest(random),
  login: loginRequest('ada', 'abc', 'key', false),
  'wrong login': loginRequest('ada', 'abc', 'key', true),
  logout: logoutRequest('id'),
};
const CASES: readonly [request: keyof typeof REQUESTS, status: number, verdict: Verdict['kind']][] = [
  ['read', 200, 'fine'],
  ['read', 204, 'failure'],
  ['read', 404, 'failure'],
  ['read', 503, 'failure'],
  ['mistake', 400, 'expected-error'],
  ['mistake', 200, 'failure'],
  ['mistake', 500, 'failure'],
  ['scan', 404, 'expected-error'],
  ['scan', 200, 'failure'],
  ['scan', 502, 'failure'],
  ['login', 201, 'fine'],
  ['login', 401, 'failure'],
  ['login', 503, 'busy'],
  ['login', 500, 'failure'],
  ['wrong login', 401, 'expected-error'],
  ['wrong login', 503, 'busy'],
  ['wrong login', 201, 'failure'],
  ['logout', 204, 'fine'],
  ['logout', 404, 'failure'],
  ['logout', 503, 'failure'],
];

for (const [request, status, verdict] of CASES) {
  test(`${status} to a ${request} is ${verdict}`, () =>
    assert.equal(judge(REQUESTS[request], answer(status)).kind, verdict));
}

test('silence is a failure, whatever was asked', () => {
  for (const request of Object.values(REQUESTS)) {
    assert.deepEqual(judge(request, { kind: 'silence', reason: 'ECONNRESET' }), {
      kind: 'failure',
      reason: 'ECONNRESET',
    });
  }
});

test('errors that were asked for are counted apart, and a login that is sent again is one request', () => {
  const tally = new Tally();
  tally.record({ kind: 'fine' }, REQUESTS.read, person, 5, at(0));
  tally.record({ kind: 'busy' }, REQUESTS.login, person, 5, at(0));
  tally.record({ kind: 'fine' }, REQUESTS.login, person, 700, at(1));
  tally.record({ kind: 'expected-error', status: 404 }, REQUESTS.scan, person, 5, at(1));
  tally.record({ kind: 'failure', reason: 'late' }, REQUESTS.read, person, 15_000, at(2));
  const { requests, failures, retries, worstMs, expectedErrors, lastFailures } = tally;
  assert.deepEqual(
    { requests, failures, retries, worstMs },
    { requests: 4, failures: 1, retries: 1, worstMs: 15_000 },
  );
  assert.deepEqual([...expectedErrors], [[404, 1]]);
  assert.deepEqual(lastFailures, [
    `2026-11-25T00:00:00.000Z ${person.user.username} GET ${REQUESTS.read.path}: late`,
  ]);
});

test('the last five failures are kept as text', () => {
  const tally = new Tally();
  for (let n = 1; n <= 7; n++)
    tally.record({ kind: 'failure', reason: `no ${n}` }, REQUESTS.read, person, 1, at(0));
  assert.deepEqual(
    tally.lastFailures.map((text) => text.slice(-4)),
    ['no 3', 'no 4', 'no 5', 'no 6', 'no 7'],
  );
});

test('the latency is that of the last minute, also after a long time without requests', () => {
  const tally = new Tally();
  const record = (tookMs: number, seconds: number): void =>
    tally.record({ kind: 'fine' }, REQUESTS.read, person, tookMs, at(seconds));
  record(9_000, 1_000);
  for (let second = 1_001; second < 1_060; second++) record(10, second);
  assert.equal(tally.latency(at(1_060)).maxMs, 9_000);
  assert.ok(Math.abs(tally.latency(at(1_060)).p50Ms - 10) < 0.2);
  assert.equal(tally.latency(at(1_066)).maxMs, 10);
  assert.ok(Number.isNaN(tally.latency(at(9_999)).maxMs));
  record(20, 10_000);
  assert.equal(tally.latency(at(10_000)).maxMs, 20);
  assert.equal(tally.worstMs, 9_000);
});
