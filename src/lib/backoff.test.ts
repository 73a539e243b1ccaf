import assert from 'node:assert/strict';
import { it } from 'node:test';
import { backoffMs } from './backoff.ts';

it('a delay doubles up to its bound and stays there', () => {
  const delays = [0, 1, 2, 3, 4, 1_000_000].map((attempt) =>
    backoffMs({ firstMs: 100, maxMs: 1_000 }, attempt),
  );
  assert.deepEqual(delays, [100, 200, 400, 800, 1_000, 1_000]);
});
