import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gapSeconds, rangeOf, withGaps } from './history-range.ts';

const series = { metric: 'rpm', min: [1, 2, 3], avg: [2, 3, 4], max: [3, 4, null] };

test('silence becomes a null row between its neighbours', () => {
  const columns = withGaps([0, 10, 100], ['OK', 'WARN', 'OK'], series, 30);
  assert.deepEqual(columns.times, [0, 10, 55, 100]);
  assert.deepEqual(columns.avg, [2, 3, null, 4]);
  assert.deepEqual(columns.max, [3, 4, null, null]);
  assert.deepEqual(columns.states, ['OK', 'WARN', null, 'OK']);
});

test('no row is invented where there is no gap', () => {
  assert.equal(withGaps([0, 10, 20], ['OK', 'OK', 'OK'], series, 30).times.length, 3);
});

test('raw readings may be three intervals apart, a missing bucket is a gap', () => {
  assert.equal(gapSeconds(0, 100), 300);
  assert.equal(gapSeconds(1000, 1), 1500);
});

test('an unknown range is the first', () => {
  assert.equal(rangeOf('6h').span_s, 21_600);
  assert.equal(rangeOf('forever').id, '1h');
  assert.equal(rangeOf(null).id, '1h');
});
