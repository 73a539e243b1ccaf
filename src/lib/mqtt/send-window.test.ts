import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SendWindow } from './send-window.ts';

test('a full window takes nothing on until one is acknowledged', () => {
  const window = new SendWindow(2);
  const first = window.take('t', 'a', 1, 10);
  window.take('t', 'b', 2, 20);
  assert.equal(window.take('t', 'c', 3, 30), undefined);
  assert.ok(first !== undefined);
  assert.equal(window.acknowledge(first.packetId), first);
  assert.equal(window.used, 1);
  assert.equal(window.take('t', 'c', 3, 30)?.packetId, first.packetId);
});

test('what is pending comes oldest first, also when identifiers were reused', () => {
  const window = new SendWindow(3);
  const taken = ['a', 'b', 'c'].map((payload) => window.take('t', payload, 1, 1));
  window.acknowledge(taken[0]?.packetId ?? 0);
  window.take('t', 'd', 1, 1);
  assert.deepEqual(
    window.pending().map(({ payload }) => payload),
    ['b', 'c', 'd'],
  );
});

test('an identifier that is not in flight is not acknowledged', () => {
  const window = new SendWindow(3);
  const taken = window.take('t', 'a', 1, 1);
  assert.equal(window.acknowledge(3), undefined);
  assert.notEqual(window.acknowledge(taken?.packetId ?? 0), undefined);
  assert.equal(window.acknowledge(taken?.packetId ?? 0), undefined);
});
