import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Ack, firstAckAfter } from './writer.ts';

const FAULT_MS = 1_000;
const ack = (seq: number, fields: Partial<Ack>): Ack => ({
  seq,
  dueMs: 1_100,
  ackedMs: 2_000 + seq,
  node: 'node2',
  foundMs: 1_900,
  ...fields,
});

test('a server on its way down does not count: its connections are older than the fault', () => {
  const acks = [ack(1, { foundMs: 500, node: 'node1' }), ack(2, {})];
  assert.equal(firstAckAfter(acks, FAULT_MS, null)?.seq, 2);
});

test('a write that was due before the fault does not count', () => {
  assert.equal(firstAckAfter([ack(1, { dueMs: 999 }), ack(2, { dueMs: 1_000 })], FAULT_MS, null)?.seq, 2);
});

test('where the other node must take over, only its acknowledgements count', () => {
  const acks = [ack(1, { node: 'node1' }), ack(2, { node: 'node2' })];
  assert.equal(firstAckAfter(acks, FAULT_MS, null)?.seq, 1);
  assert.equal(firstAckAfter(acks, FAULT_MS, 'node2')?.seq, 2);
});

test('nothing yet', () => {
  assert.equal(firstAckAfter([], FAULT_MS, null), null);
});
