import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FLEET_SIZE } from '../src/lib/fleet.ts';
import { planFill } from './history-load.ts';

test('every round of the fleet falls into exactly one partition', () => {
  const fromMs = Date.UTC(2026, 10, 15, 12, 34, 56, 789);
  const toMs = fromMs + 25 * 3_600_000;
  const steps = planFill({ rows: 1000 * FLEET_SIZE, fromMs, toMs, partitionMinutes: 60 });
  let next = 0;
  for (const { partitionFromMs, firstRound, endRound, everyMs } of steps) {
    assert.equal(firstRound, next);
    next = endRound;
    assert.ok(fromMs + firstRound * everyMs >= partitionFromMs);
    assert.ok(fromMs + (endRound - 1) * everyMs < partitionFromMs + 3_600_000);
  }
  assert.equal(next, 1000);
});
