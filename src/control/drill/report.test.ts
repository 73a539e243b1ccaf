import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distribution } from './report.ts';
import { compareWrites } from './store.ts';

test('a distribution is by nearest rank: its values were measured, and the p99 of few runs is their worst', () => {
  assert.deepEqual(distribution([30, 10, 20]), { min: 10, p50: 20, p99: 30, max: 30 });
  assert.equal(distribution([]), null);
});

test('the ledger tells lost, doubled and unanswered writes apart', () => {
  const stored = new Map([
    [1, 1],
    [2, 3],
    [9, 1],
  ]);
  assert.deepEqual(compareWrites(new Set([1, 2, 4]), stored), {
    acknowledged: 3,
    lost: 1,
    duplicated: 2,
    recovered: 1,
  });
});
