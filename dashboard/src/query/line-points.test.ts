import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pointsOf } from './line-points.ts';

test('a result over time is drawn in the order of its times, with gaps where there is no figure', () => {
  const rows = [
    { at: '2026-11-25T02:00:00Z', errors: 3 },
    { at: '2026-11-25T01:00:00Z', errors: null },
    { at: 'all', errors: 3 },
  ];
  const [times, figures] = pointsOf({ rows, chart: { kind: 'line', x: 'at', y: 'errors' } });
  assert.deepEqual(times, [Date.UTC(2026, 10, 25, 1) / 1000, Date.UTC(2026, 10, 25, 2) / 1000]);
  assert.deepEqual(figures, [null, 3]);
});
