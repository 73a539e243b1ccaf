import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare } from './ledger.ts';

const once = (...seqs: number[]) => seqs.map((seq) => ({ seq, copies: 1 }));

test('what was acknowledged and is not stored is lost', () => {
  assert.deepEqual(compare(new Set([1, 2, 3]), once(1, 3)), {
    acknowledged: 3,
    lost: 1,
    duplicated: 0,
    recovered: 0,
  });
});

test('rows beyond the first are duplicates, also of a write that was not acknowledged', () => {
  const stored = [
    { seq: 1, copies: 3 },
    { seq: 2, copies: 2 },
  ];
  assert.deepEqual(compare(new Set([1]), stored), { acknowledged: 1, lost: 0, duplicated: 3, recovered: 1 });
});

test('a write whose answer was cut off and that is stored is recovered, not lost', () => {
  assert.deepEqual(compare(new Set([1]), once(1, 2)), {
    acknowledged: 1,
    lost: 0,
    duplicated: 0,
    recovered: 1,
  });
});
