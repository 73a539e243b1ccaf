import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordSizes } from './word-sizes.ts';

test('the most frequent word is the largest, and words stand in alphabetical order', () => {
  const sized = wordSizes([
    { word: 'worker', images: 100 },
    { word: 'hat', images: 25 },
    { word: 'boat', images: 1 },
  ]);
  assert.deepEqual(
    sized.map(({ word }) => word),
    ['boat', 'hat', 'worker'],
  );
  const [boat, hat, worker] = sized.map(({ size_px }) => size_px);
  assert.ok(boat !== undefined && hat !== undefined && worker !== undefined && boat < hat && hat < worker);
  assert.equal(worker, 34);
  assert.deepEqual(wordSizes([]), []);
});
