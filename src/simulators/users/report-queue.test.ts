import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../lib/random.ts';
import type { Activity } from '../../lib/user-events.ts';
import { MAX_WAITING, ReportQueue } from './report-queue.ts';
import { SiteServer } from './site-server.ts';

const server = new SiteServer('WY-ALPHA', new Random(1));
const report = (id: number): Activity => server.report(String(id), 0, [], 0);
const ids = (reports: readonly Activity[]): number[] => reports.map(({ message_id }) => Number(message_id));

function filled(count: number): ReportQueue {
  const queue = new ReportQueue();
  for (let id = 1; id <= count; id++) queue.offer(report(id));
  return queue;
}

test('reports go oldest first, each once until it is answered', () => {
  const queue = filled(3);
  assert.deepEqual(ids(queue.take(0)), [1, 2, 3]);
  assert.deepEqual(queue.take(100_000), []);
  assert.ok(queue.confirm(report(2)));
  assert.equal(queue.waiting, 2);
  assert.equal(queue.confirmed, 1);
});

test('a report that is refused goes again under its id after a moment, and nothing newer before it', () => {
  const queue = filled(2);
  queue.take(0);
  queue.refuse(report(1), 1_000);
  queue.offer(report(3));
  assert.deepEqual(queue.take(1_400), []);
  assert.deepEqual(ids(queue.take(1_500)), [1, 3]);
  for (const id of [1, 2, 3]) queue.confirm(report(id));
  assert.deepEqual([queue.confirmed, queue.waiting, queue.dropped], [3, 0, 0]);
});

test('after an outage not all that waits is sent at once', () => {
  const queue = filled(200);
  const first = queue.take(0);
  assert.equal(first.length, 16);
  queue.confirm(report(1));
  assert.deepEqual(ids(queue.take(0)), [17]);
});

test('the oldest makes room beyond the bound, is counted, and a late answer about it changes nothing', () => {
  const queue = filled(MAX_WAITING);
  assert.equal(queue.dropped, 0);
  queue.take(0);
  assert.equal(queue.offer(report(MAX_WAITING + 1)), false);
  queue.refuse(report(1), 0);
  assert.equal(queue.confirm(report(1)), false);
  assert.deepEqual([queue.waiting, queue.dropped, queue.confirmed], [MAX_WAITING, 1, 0]);
});
