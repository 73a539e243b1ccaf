import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StateCounts } from '../../../src/api/schemas.ts';
import { imbalance } from './accounting.ts';
import { labelSide } from './label-side.ts';
import { pushSample, type RateSample, rateColumns, windowStart } from './rate-window.ts';
import { siteCondition } from './site-condition.ts';

test('the equation shows a missing and a surplus reading with its sign', () => {
  const balanced = { received: 100, committed: 90, duplicates: 4, rejected: 3, in_flight: 3 };
  assert.equal(imbalance(balanced), 0);
  assert.equal(imbalance({ ...balanced, committed: 89 }), 1);
  assert.equal(imbalance({ ...balanced, committed: 92 }), -2);
});

const counts = (changes: Partial<StateCounts>): StateCounts => ({
  total: 10_000,
  reporting: 10_000,
  stale: 0,
  unknown: 0,
  OK: 10_000,
  WARN: 0,
  ALERT: 0,
  ...changes,
});

test('a site shows the worst state that more than a handful of its devices hold', () => {
  assert.equal(siteCondition(counts({ ALERT: 49, WARN: 20 })), 'OK');
  assert.equal(siteCondition(counts({ ALERT: 50, WARN: 900 })), 'ALERT');
  assert.equal(siteCondition(counts({ WARN: 60 })), 'WARN');
  assert.equal(siteCondition(counts({ stale: 60, WARN: 60 })), 'STALE');
  assert.equal(siteCondition(counts({ unknown: 10_000 })), 'UNKNOWN');
  assert.equal(siteCondition(counts({ total: 0 })), 'UNKNOWN');
});

test('the rate window is bounded in time and ordered', () => {
  let samples: RateSample[] = [];
  for (let t = 0; t < 400; t++) samples = pushSample(samples, { time_s: t, perSecond: t });
  assert.equal(samples.length, 300);
  assert.equal(pushSample(samples, { time_s: 10, perSecond: 1 }).length, 300);
});

test('a pause leaves a hole in the chart', () => {
  const samples = [1, 2, 10].map((time_s) => ({ time_s, perSecond: 5 }));
  assert.deepEqual(rateColumns(samples, 3), [
    [1, 2, 6, 10],
    [5, 5, null, 5],
  ]);
});

test('a label gives way to the mark beside it', () => {
  const all = [
    { x: 0.3, y: 0.2 },
    { x: 0.42, y: 0.18 },
    { x: 0.95, y: 0.5 },
  ];
  assert.deepEqual(
    all.map((point) => labelSide(point, all)),
    ['left', 'right', 'left'],
  );
});

test('the rate chart grows from one minute to five', () => {
  const at = (...times: number[]) => times.map((time_s) => ({ time_s, perSecond: 1 }));
  assert.equal(windowStart(at(1000), 1000), 940);
  assert.equal(windowStart(at(900, 1000), 1000), 900);
  assert.equal(windowStart(at(100, 1000), 1000), 700);
});
