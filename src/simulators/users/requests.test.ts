import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../lib/random.ts';
import { personOf } from './person.ts';
import { loginRequest, readRequest } from './requests.ts';

const READS = 50_000;
const wallMs = Date.UTC(2026, 10, 25);

test('at most 2 % of the reads ask the database, and every page is asked for', () => {
  const random = new Random(3);
  const counts = new Map<string, number>();
  for (let read = 0; read < READS; read++) {
    const { path, method, expects } = readRequest(personOf(1 + (read % 5_000)), random, wallMs);
    assert.deepEqual([method, expects], ['GET', 200]);
    const page = path.replace(/\?.*/, '').replace(/\/(TURB|THRM|EROT|OGD)-\d{5}/, '/:id');
    counts.set(page, (counts.get(page) ?? 0) + 1);
  }
  const costly = ['/api/devices/:id/history', '/api/rejects', '/api/users/timeline'];
  const share = [...counts].reduce(
    (sum, [page, count]) => sum + (costly.includes(page) || page.startsWith('/api/logs') ? count : 0),
    0,
  );
  assert.ok(share / READS < 0.022, `${share} of ${READS}`);
  assert.deepEqual(
    [...counts.keys()].sort(),
    [
      ...costly,
      '/api/devices',
      '/api/devices/:id',
      '/api/logs',
      '/api/logs/addresses',
      '/api/logs/paths',
      '/api/logs/statuses',
      '/api/overview',
      '/api/sites',
      '/api/users',
    ].sort(),
  );
});

test('a mistyped code is as long as the right one, and is to be refused', () => {
  const wrong = loginRequest('ada', 'abc', 'key', true);
  assert.equal(wrong.expects, 401);
  assert.deepEqual(JSON.parse(wrong.body ?? ''), { username: 'ada', access_code: 'bc?' });
});
