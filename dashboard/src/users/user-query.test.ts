import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  apiQuery,
  continuesTyping,
  EMPTY_QUERY,
  formatUserQuery,
  isFiltered,
  lastPage,
  narrowed,
  parseUserQuery,
  RANGES,
  rangeOf,
  type UserQuery,
} from './user-query.ts';

const EVERYTHING: UserQuery = {
  search: 'ada&b=1 +%2e',
  status: 'idle',
  region: 'EU-CENTRAL',
  site: 'WY-ALPHA',
  range: '24h',
  page: 3,
};

test('a query survives the way through the address', () => {
  assert.deepEqual(parseUserQuery(formatUserQuery(EVERYTHING)), { query: EVERYTHING, ignored: [] });
});

test('the usual view has a plain address', () => {
  assert.equal(formatUserQuery(EMPTY_QUERY), '');
  assert.deepEqual(parseUserQuery('?q=&status=&other=1'), { query: EMPTY_QUERY, ignored: [] });
});

test('what is not understood is named and left out', () => {
  const bad = {
    status: ['disconnected', 'ACTIVE'],
    region: ['US-SOUTH'],
    site: ['x'.repeat(33), 'a\0b'],
    range: ['7d'],
    page: ['0', '-1', '1.5', '1001', '99999'],
    q: ['x'.repeat(65)],
  };
  for (const [key, values] of Object.entries(bad)) {
    for (const value of values) {
      const { query, ignored } = parseUserQuery(new URLSearchParams({ [key]: value }).toString());
      assert.deepEqual(query, EMPTY_QUERY, `${key}=${value}`);
      assert.deepEqual(ignored, [`${key}=${value.slice(0, 60)}`]);
    }
  }
});

test('another filter begins at its first page and keeps the time of the chart', () => {
  assert.deepEqual(narrowed(EVERYTHING, { status: null }), { ...EVERYTHING, status: null, page: 1 });
});

test('the API is asked for what is set, one page of it', () => {
  assert.equal(apiQuery(EMPTY_QUERY), 'limit=100&offset=0');
  assert.deepEqual(Object.fromEntries(new URLSearchParams(apiQuery(EVERYTHING))), {
    status: 'idle',
    region: 'EU-CENTRAL',
    site_id: 'WY-ALPHA',
    search: 'ada&b=1 +%2e',
    limit: '100',
    offset: '200',
  });
});

test('only going on with the text continues the typing', () => {
  const search = (text: string | null) => ({ ...EMPTY_QUERY, search: text });
  assert.ok(continuesTyping(search('a'), search('ab')));
  assert.ok(!continuesTyping(search(null), search('a')));
  assert.ok(!continuesTyping(search('a'), search(null)));
  assert.ok(!continuesTyping(search('a'), { ...search('ab'), status: 'idle' }));
});

test('the time of the chart and the page filter nothing', () => {
  assert.ok(!isFiltered({ ...EMPTY_QUERY, range: '6h', page: 2 }));
  for (const key of ['search', 'status', 'region', 'site'] as const) {
    assert.ok(isFiltered({ ...EMPTY_QUERY, [key]: EVERYTHING[key] }), key);
  }
});

test('a bucket of the chart holds two reports of each site and is asked for twice', () => {
  assert.equal(rangeOf(EMPTY_QUERY).minutes, 60);
  for (const { minutes, points, refresh_ms } of RANGES) {
    const bucket_s = (minutes * 60) / points;
    assert.ok(bucket_s >= 10 && refresh_ms <= bucket_s * 500, `${minutes} min`);
  }
});

test('pages stay within what the API answers', () => {
  assert.equal(lastPage(0), 1);
  assert.equal(lastPage(100), 1);
  assert.equal(lastPage(101), 2);
  assert.equal(lastPage(5_000), 50);
  assert.equal(lastPage(1_000_000), 1000);
});
