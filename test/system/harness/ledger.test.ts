import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareLedger } from './ledger.ts';

test('the ledger tells lost, doubled and unexpected readings apart', () => {
  const stored = new Map([
    ['stored', 1],
    ['doubled', 3],
    ['from nowhere', 1],
  ]);
  assert.deepEqual(compareLedger(['stored', 'doubled', 'lost'], stored), {
    acknowledged: 3,
    lost: 1,
    duplicated: 2,
    unexpected: 1,
  });
  assert.deepEqual(compareLedger(['stored'], new Map([['stored', 1]])), {
    acknowledged: 1,
    lost: 0,
    duplicated: 0,
    unexpected: 0,
  });
});
