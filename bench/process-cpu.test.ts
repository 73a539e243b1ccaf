import assert from 'node:assert/strict';
import { test } from 'node:test';
import { membersByRoot } from './process-cpu.ts';

test('a process counts for its nearest watched ancestor, and unrelated ones for none', () => {
  const parents: Record<number, number> = { 1: 0, 10: 1, 11: 10, 20: 10, 21: 20, 22: 21, 30: 1 };
  const processes = new Map(Object.entries(parents).map(([pid, parent]) => [Number(pid), { parent }]));
  assert.deepEqual(
    membersByRoot(processes, new Set([10, 20])),
    new Map([
      [10, [10, 11]],
      [20, [20, 21, 22]],
    ]),
  );
});
