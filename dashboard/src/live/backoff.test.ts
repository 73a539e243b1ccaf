import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backoffMs } from './backoff.ts';

test('doubles, stays within its bounds and is jittered in the upper half', () => {
  assert.equal(backoffMs(0, 0), 250);
  assert.equal(backoffMs(1, 0), 500);
  assert.equal(backoffMs(2, 0.5), 1500);
  assert.equal(backoffMs(1000, 0), 2500);
  assert.ok(backoffMs(1000, 0.999) <= 5000);
});
