import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { bucketWidthMs, historySql, parseInterval, shapeHistory } from './history.ts';

const NOW_MS = Date.UTC(2026, 10, 16, 12);
const DAY_MS = 86_400_000;

describe('history interval', () => {
  it('defaults to the last 24 hours, and to 24 hours before `to`', () => {
    assert.deepEqual(parseInterval({}, NOW_MS), { fromMs: NOW_MS - DAY_MS, toMs: NOW_MS });
    const toMs = Date.UTC(2026, 0, 2);
    assert.deepEqual(parseInterval({ to: '2026-01-02T00:00:00Z' }, NOW_MS), { fromMs: toMs - DAY_MS, toMs });
  });

  it('names the field that is wrong', () => {
    const bad: [from: string | undefined, to: string | undefined, field: string][] = [
      ['2026-01-02T00:00:00Z', '2026-01-02T00:00:00Z', 'from'],
      ['2026-01-03T00:00:00Z', '2026-01-02T00:00:00Z', 'from'],
      ['2026-01-01T00:00:60Z', undefined, 'from'],
      ['0000-01-01T00:00:00Z', undefined, 'from'],
      [undefined, '2026-13-01T00:00:00Z', 'to'],
      [undefined, '9999-12-31T23:59:59Z', 'to'],
      ['2027-01-01T00:00:00Z', undefined, 'from'],
    ];
    for (const [from, to, field] of bad) {
      const query = { ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) };
      const outcome = parseInterval(query, NOW_MS);
      assert.equal('field' in outcome ? outcome.field : 'none', field, JSON.stringify(query));
    }
  });
});

describe('buckets', () => {
  it('are never more than asked for, wherever the interval begins', () => {
    for (const points of [2, 3, 10, 500, 2_000]) {
      for (const lengthMs of [1, 7, 999, DAY_MS, 30 * DAY_MS + 1]) {
        for (const fromMs of [NOW_MS, NOW_MS + 1, NOW_MS - 12_345]) {
          const widthMs = bucketWidthMs({ fromMs, toMs: fromMs + lengthMs }, points);
          const first = Math.floor(fromMs / widthMs);
          const last = Math.floor((fromMs + lengthMs - 1) / widthMs);
          assert.ok(last - first + 1 <= points, `${points} points, ${lengthMs} ms, from ${fromMs}`);
        }
      }
    }
  });

  it('bind every value; only the number of metrics shapes the statement', () => {
    assert.match(historySql(2), /max\(m2\) AS max2/);
    assert.doesNotMatch(historySql(2), /m3/);
  });
});

describe('history columns', () => {
  const row = { at_s: 1, raw: false, readings: 2, state: 2, min1: -5, avg1: 1 / 3, max1: 9, min2: null };

  it('keep extremes, shorten averages, and say null where a metric is absent', () => {
    const history = shapeHistory(['rpm', 'power_kw'], [row], 1_500);
    assert.equal(history.readings, 2);
    assert.equal(history.bucket_s, 1.5);
    assert.deepEqual(history.states, ['ALERT']);
    assert.deepEqual(history.series, [
      { metric: 'rpm', min: [-5], avg: [0.3333333], max: [9] },
      { metric: 'power_kw', min: [null], avg: [null], max: [null] },
    ]);
  });

  it('leave single readings as they were stored', () => {
    const history = shapeHistory(['rpm'], [{ ...row, raw: true, readings: 1 }], 1_500);
    assert.equal(history.bucket_s, 0);
    assert.deepEqual(history.series[0]?.avg, [1 / 3]);
  });

  it('are empty for an empty interval', () => {
    assert.deepEqual(shapeHistory(['rpm'], [], 1_500), {
      readings: 0,
      bucket_s: 0,
      timestamps: [],
      states: [],
      series: [{ metric: 'rpm', min: [], avg: [], max: [] }],
    });
  });
});
