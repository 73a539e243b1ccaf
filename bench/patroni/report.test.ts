import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Run } from './drive.ts';
import { median, type Ours, patroniTable, ratio, ratioTable, summarise } from './report.ts';

const run = (fields: Partial<Run>): Run => ({
  case: 'node',
  tuning: 'tuned',
  outageMs: 20_000,
  pauseMs: 20_000,
  leaderBefore: 'node1',
  leaderAfter: 'node2',
  ledger: { acknowledged: 100, lost: 0, duplicated: 0, recovered: 0 },
  ...fields,
});
const ours: Ours = {
  case: 'node',
  runs: 3,
  minMs: 450,
  medianMs: 500,
  maxMs: 800,
  lost: 0,
  duplicated: 0,
  complaint: null,
};

test('the median of an odd and an even number of values, and of none', () => {
  assert.equal(median([3, 1, 2]), 2);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.ok(Number.isNaN(median([])));
});

test('runs are summed up by case and tuning', () => {
  const summaries = summarise([
    run({ outageMs: 21_000 }),
    run({ outageMs: 19_000, ledger: { acknowledged: 50, lost: 2, duplicated: 1, recovered: 9 } }),
    run({ outageMs: 20_000 }),
    run({ tuning: 'default', outageMs: 28_000 }),
  ]);
  assert.equal(summaries.length, 2);
  assert.deepEqual(summaries[0], {
    case: 'node',
    tuning: 'tuned',
    runs: 3,
    minMs: 19_000,
    medianMs: 20_000,
    maxMs: 21_000,
    medianPauseMs: 20_000,
    acknowledged: 250,
    lost: 2,
    duplicated: 1,
  });
});

test('the table has a row for every case and tuning, in seconds', () => {
  const [, , row] = patroniTable(summarise([run({ outageMs: 19_800, pauseMs: 19_790 })])).split('\n');
  assert.match(row ?? '', /^node killed +Patroni tuned +1 +19\.80 +19\.80 +19\.80 +19\.79 +100 +0 +0$/);
});

test('the ratio says how many times longer Patroni takes', () => {
  assert.equal(ratio(20_000, 500), 40);
  assert.ok(Number.isNaN(ratio(20_000, 0)));
  assert.ok(Number.isNaN(ratio(20_000, Number.NaN)));
});

test('the ratio stands beside every tuning of a case that both were measured in', () => {
  const summaries = summarise([
    run({}),
    run({ tuning: 'default', outageMs: 28_000 }),
    run({ case: 'switchover', outageMs: 2_000 }),
  ]);
  const lines = ratioTable(summaries, [ours]).split('\n').slice(2);
  assert.equal(lines.length, 2);
  assert.match(lines[0] ?? '', /Patroni tuned +20\.00 +0\.50 +40\.0 × +0\.45–0\.80 +0 +0$/);
  assert.match(lines[1] ?? '', /Patroni default +28\.00 +0\.50 +56\.0 ×/);
});
