import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOf } from './answer-kind.ts';
import { draggedWindow, readout, stacked, timeBounds, totals } from './timeline-columns.ts';

const timeline = {
  from: '2026-11-16T12:00:00.000Z',
  to: '2026-11-16T12:02:00.000Z',
  bucket_s: 60,
  timestamps: [1_794_830_400, 1_794_830_460],
  success: [10, 0],
  redirect: [1, 0],
  client_error: [2, 5],
  server_error: [0, 1],
};
const nothing = {
  ...timeline,
  timestamps: [],
  success: [],
  redirect: [],
  client_error: [],
  server_error: [],
};

test('kinds stand on one another, the top edge of all first', () => {
  assert.deepEqual(stacked(timeline), [timeline.timestamps, [13, 6], [13, 5], [11, 0], [10, 0]]);
  assert.deepEqual(stacked(nothing), [[], [], [], [], []]);
});

test('the last bucket is shown to its end', () => {
  assert.deepEqual(timeBounds(timeline), [1_794_830_400, 1_794_830_520]);
});

test('totals are those of the columns', () => {
  assert.deepEqual(totals(timeline), { success: 10, redirect: 1, client_error: 7, server_error: 1 });
});

test('the bucket under the pointer is told with all its kinds', () => {
  assert.equal(readout(timeline, 1), '2026-11-16 12:01:00 · 0 2xx · 0 3xx · 5 4xx · 1 5xx');
  assert.match(readout(timeline, null), /^One bar per 1 min/);
  assert.match(readout(timeline, 7), /^One bar per 1 min/);
  assert.equal(readout(nothing, null), ' ');
});

test('a drag becomes a window in whole seconds', () => {
  assert.deepEqual(draggedWindow(1_794_830_400.7, 1_794_830_430.2), {
    from: '2026-11-16T12:00:00.000Z',
    to: '2026-11-16T12:00:31.000Z',
  });
  assert.equal(draggedWindow(5, 5), null);
  assert.equal(draggedWindow(Number.NaN, 5), null);
});

test('kinds are those of the API', () => {
  assert.deepEqual([101, 204, 301, 404, 503].map(kindOf), [
    'success',
    'success',
    'redirect',
    'client_error',
    'server_error',
  ]);
});
