import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SummaryBody } from '../../../src/vision/schemas.ts';
import { NO_TREND, trendBounds, trendColumns, trendReadout } from './trend.ts';

const counts = { yes: 0, no: 0, unknown: 0 };
const none = { reviewed: 0, right: 0, precision: null };
const summary = (trend: SummaryBody['trend']): SummaryBody => ({
  all: {
    ...{ images: 3, scored: 2, people: 2, avg_compliance: 60, violations: 1 },
    ...{ hard_hat: counts, vest: counts, equipment: counts },
  },
  sites: [],
  device_types: [],
  trend,
  detector: { reviewed_images: 0, hard_hat: none, vest: none, equipment: none, person: none },
});

test('the course has a point in the middle of each step, and says its gaps', () => {
  const columns = trendColumns(
    summary({ from: '2026-11-25T12:00:00Z', step_s: 60, avg_compliance: [70, null], images: [2, 1] }),
  );
  assert.deepEqual(trendBounds(columns), [1_795_608_000, 1_795_608_120]);
  assert.match(trendReadout(columns, 0), /12:00:00.*score 70, 2 photos/);
  assert.match(trendReadout(columns, 1), /no photo with people, 1 photos/);
});

test('without photos there is no course', () => {
  const columns = trendColumns(summary({ from: null, step_s: 1, avg_compliance: [], images: [] }));
  assert.deepEqual(columns, NO_TREND);
  assert.deepEqual(trendBounds(columns), [0, 1]);
});
