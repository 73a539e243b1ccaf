import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatObserveQuery, parseObserveQuery, scaled, seriesRequest } from './observe-query.ts';

describe('what the Observability page shows', () => {
  it('is the last hour unless the address says otherwise', () => {
    const { query, ignored } = parseObserveQuery('');
    assert.deepEqual(query, { range: '1h', zoom: null });
    assert.deepEqual(ignored, []);
    assert.equal(formatObserveQuery(query), '');
  });

  for (const search of [
    'range=24h',
    'range=6h&from=1795640000&to=1795641000',
    'from=1795640000&to=1795640060',
  ]) {
    it(`comes back from the address as it went: ${search}`, () => {
      const { query, ignored } = parseObserveQuery(search);
      assert.equal(formatObserveQuery(query), search);
      assert.deepEqual(ignored, []);
    });
  }

  for (const [search, named] of [
    ['range=1y', 'range=1y'],
    ['from=yesterday&to=1795641000', 'from=yesterday'],
    ['from=1795641000&to=1795640000', 'from=1795641000&to=1795640000'],
    ['from=1795641000&to=1795641010', 'from=1795641000&to=1795641010'],
  ] as const) {
    it(`names what it does not understand: ${search}`, () => {
      const { query, ignored } = parseObserveQuery(search);
      assert.deepEqual(ignored, [named]);
      assert.equal(query.zoom, null);
    });
  }

  it('is asked for again while it is live, and once when it is a span of the past', () => {
    assert.deepEqual(seriesRequest({ range: '15m', zoom: null }), {
      path: '/api/observability/series?minutes=15&points=90',
      refresh_ms: 10_000,
    });
    assert.deepEqual(seriesRequest({ range: '15m', zoom: { from_s: 1_000_000_000, to_s: 1_000_000_090 } }), {
      path: '/api/observability/series?minutes=2&points=180&end=1000000090',
      refresh_ms: null,
    });
  });

  it('zooms around a moment, no closer than a minute and no further than fifteen days', () => {
    const hour = { from_s: 1_000_000, to_s: 1_003_600 };
    assert.deepEqual(scaled(hour, 0.5, null), { from_s: 1_000_900, to_s: 1_002_700 });
    assert.deepEqual(scaled(hour, 0.001, 1_000_100), { from_s: 1_000_070, to_s: 1_000_130 });
    assert.equal(scaled({ from_s: 0, to_s: 1_200_000 }, 2, null), null);
  });
});
