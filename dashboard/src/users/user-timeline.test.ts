import assert from 'node:assert/strict';
import { test } from 'node:test';
import { columnsOf, isSilent, lonelyRows, NO_COLUMNS, readout, timeBounds } from './user-timeline.ts';

const NOON_S = Date.parse('2026-11-16T12:00:00Z') / 1000;
const timeline = (...users: (number | null)[]) => ({
  from: '2026-11-16T12:00:00.000Z',
  step_s: 30,
  active_users: users,
  active_connections: users.map((n) => (n === null ? null : n * 2)),
  average_latency_ms: users.map((n) => (n === null ? null : 12.34)),
});

test('a gap stays a gap and the bucket that is still filling is left out', () => {
  assert.deepEqual(columnsOf(timeline(7, null, 5, 1)), {
    times: [NOON_S + 15, NOON_S + 45, NOON_S + 75],
    users: [7, null, 5],
    connections: [14, null, 10],
    latency_ms: [12.34, null, 12.34],
    step_s: 30,
  });
});

test('the first report of all is shown at once', () => {
  assert.deepEqual(columnsOf(timeline(null, null, 3)).users, [null, null, 3]);
});

test('the time shown ends with the last bucket', () => {
  assert.deepEqual(timeBounds(columnsOf(timeline(1, 2, 3))), [NOON_S, NOON_S + 60]);
  assert.deepEqual(timeBounds(NO_COLUMNS), [0, 1]);
});

test('a point between two gaps is not lost', () => {
  assert.deepEqual(lonelyRows([1, null, 2, 3, null, 4, null, undefined, 5]), [0, 5, 8]);
  assert.deepEqual(lonelyRows([]), []);
});

test('silence is told from nobody being active', () => {
  assert.ok(isSilent(columnsOf(timeline(null, null))));
  assert.ok(!isSilent(columnsOf(timeline(0, 0))));
});

test('the bucket under the pointer is told with its start', () => {
  const columns = columnsOf(timeline(1_200, null, 5));
  assert.equal(readout(columns, 0), '2026-11-16 12:00:00 · 1,200 active · 2,400 connections · 12 ms');
  assert.equal(readout(columns, 1), '2026-11-16 12:00:30 · no report');
  assert.match(readout(columns, null), /^One point per 30 s/);
  assert.match(readout(columns, 7), /^One point per 30 s/);
  assert.equal(readout(NO_COLUMNS, null), ' ');
});
