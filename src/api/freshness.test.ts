import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sleep } from '../lib/clock.ts';
import { ReadGate } from './freshness.ts';

const LONG_MS = 5_000;
const SHORT_MS = 40;

describe('a read', () => {
  it('waits until the view is fresh, and until the live table is filled', async () => {
    const seen = { ageMs: 1_000, filled: false };
    const gate = new ReadGate({ viewAgeMs: () => seen.ageMs, ready: () => seen.filled }, LONG_MS);
    const passed: string[] = [];
    const reads = [
      gate.fresh().then(() => passed.push('fresh')),
      gate.live().then(() => passed.push('live')),
    ];
    await sleep(SHORT_MS);
    assert.deepEqual(passed, []);
    seen.ageMs = 0;
    await reads[0];
    assert.deepEqual(passed, ['fresh']);
    seen.filled = true;
    await Promise.all(reads);
  });

  it('is refused with the reason when that takes too long', async () => {
    const gate = new ReadGate({ viewAgeMs: () => 1_000, ready: () => false }, SHORT_MS);
    await assert.rejects(gate.fresh(), /cannot confirm who leads/);
    await assert.rejects(gate.live(), /being filled/);
  });

  it('is refused at once when too many wait already', async () => {
    const gate = new ReadGate({ viewAgeMs: () => 1_000, ready: () => true }, SHORT_MS * 5);
    const held = Array.from({ length: 2_000 }, () => gate.fresh());
    const settled = Promise.allSettled(held);
    const refusedFirst = await Promise.race([
      gate.fresh().catch(() => 'the new one'),
      settled.then(() => 'those before'),
    ]);
    assert.equal(refusedFirst, 'the new one');
    await settled;
  });
});
