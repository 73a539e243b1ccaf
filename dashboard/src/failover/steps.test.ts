import assert from 'node:assert/strict';
import { test } from 'node:test';
import { clip, formatBudgetShare, formatMeasured, stepLabel } from './steps.ts';

test('a step that this page does not know keeps its words', () => {
  assert.equal(stepLabel('first_good_write'), 'First good write');
  assert.equal(stepLabel('wal_receiver_gone'), 'Wal receiver gone');
});

test('what was measured stays in milliseconds up to ten seconds', () => {
  const cases: [number | null, string][] = [
    [null, '–'],
    [0, '0 ms'],
    [4.2, '4.2 ms'],
    [412.4, '412 ms'],
    [1204, '1,204 ms'],
    [12_340, '12.3 s'],
    [200_000, '3 min 20 s'],
    [7_500_000, '2 h 5 min'],
  ];
  for (const [ms, text] of cases) assert.equal(formatMeasured(ms), text);
});

test('a budget that is touched does not read as untouched', () => {
  assert.equal(formatBudgetShare(0), '0 %');
  assert.equal(formatBudgetShare(0.001), '< 0.1 %');
  assert.equal(formatBudgetShare(0.4), '12.7 %');
  assert.equal(formatBudgetShare(6.32), '200 %');
});

test('long texts end in an ellipsis', () => {
  assert.equal(clip('ingest, worker', 20), 'ingest, worker');
  assert.equal(clip('ingest, worker', 9), 'ingest,…');
});
