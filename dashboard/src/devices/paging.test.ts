import assert from 'node:assert/strict';
import { test } from 'node:test';
import { covers, evictable, movedRow, neededPages, streamRange } from './paging.ts';

test('pages cover the range and look ahead near an edge', () => {
  assert.deepEqual(neededPages({ start: 0, end: 40 }, 100_000, 1), [0]);
  assert.deepEqual(neededPages({ start: 150, end: 190 }, 100_000, 1), [0, 1]);
  assert.deepEqual(neededPages({ start: 190, end: 230 }, 100_000, 1), [0, 1]);
  assert.deepEqual(neededPages({ start: 410, end: 450 }, 100_000, -1), [2, 1]);
  assert.deepEqual(neededPages({ start: 99_960, end: 100_000 }, 100_000, 1), [499]);
  assert.deepEqual(neededPages({ start: 0, end: 40 }, 0, 1), []);
});

test('the page set always covers the visible rows and never leaves the list', () => {
  for (let start = 0; start < 3000; start += 37) {
    for (const direction of [1, -1] as const) {
      const pages = neededPages({ start, end: Math.min(3000, start + 50) }, 3000, direction);
      assert.ok(pages.includes(Math.floor(start / 200)));
      assert.ok(pages.every((page) => page >= 0 && page <= 14));
      assert.ok(pages.length <= 3);
    }
  }
});

test('a stream has a margin, stays in the list and within 200 rows', () => {
  assert.deepEqual(streamRange({ start: 0, end: 30 }, 100_000), { start: 0, end: 42 });
  assert.deepEqual(streamRange({ start: 90, end: 100 }, 100), { start: 78, end: 100 });
  assert.deepEqual(streamRange({ start: 500, end: 900 }, 100_000), { start: 488, end: 688 });
  assert.deepEqual(streamRange({ start: 0, end: 30 }, 0), { start: 0, end: 12 });
  assert.deepEqual(streamRange({ start: 90, end: 120 }, 40), { start: 27, end: 40 });
});

test('a short scroll needs no new stream, a long one does', () => {
  const streamed = streamRange({ start: 100, end: 130 }, 1000);
  assert.ok(covers(streamed, { start: 110, end: 140 }, 1000));
  assert.ok(!covers(streamed, { start: 120, end: 150 }, 1000));
  assert.ok(covers({ start: 60, end: 100 }, { start: 80, end: 110 }, 100));
});

test('the cache forgets the least recent pages but never those in sight', () => {
  assert.deepEqual(evictable([4, 9, 1, 7], [4], 2), [9, 1]);
  assert.deepEqual(evictable([1, 2], [], 4), []);
});

test('keys move within the list', () => {
  assert.equal(movedRow('ArrowUp', 0, 100, 20), 0);
  assert.equal(movedRow('PageDown', 90, 100, 20), 99);
  assert.equal(movedRow('End', 3, 100, 20), 99);
  assert.equal(movedRow('a', 3, 100, 20), null);
});
