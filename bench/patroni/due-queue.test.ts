import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DueQueue } from './due-queue.ts';

const due = (seq: number) => ({ seq, dueMs: seq });

test('writes are handed out in the order in which they fell due, whoever waits', async () => {
  const queue = new DueQueue(10);
  const [first, second] = [queue.take(), queue.take()];
  for (const seq of [1, 2, 3]) queue.push(due(seq));
  assert.deepEqual(await Promise.all([first, second, queue.take()]), [due(1), due(2), due(3)]);
});

test('who is released takes nothing, and no write is lost by it', async () => {
  const queue = new DueQueue(10);
  const waiting = queue.take();
  queue.release();
  queue.push(due(1));
  assert.equal(await waiting, null);
  assert.deepEqual(await queue.take(), due(1));
});

test('the queue is bounded', async () => {
  const queue = new DueQueue(1);
  queue.push(due(1));
  queue.push(due(2));
  assert.deepEqual(await queue.take(), due(1));
  const next = queue.take();
  queue.release();
  assert.equal(await next, null);
});
