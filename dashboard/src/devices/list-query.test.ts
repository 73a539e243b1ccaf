import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiQuery, EMPTY_QUERY, parseListQuery, withListQuery } from './list-query.ts';

test('a query survives the way through the address', () => {
  const query = { site: 'TX-EAGLE', type: 'ogd', state: 'ALERT', search: 'a&b=1' } as const;
  const { query: back, ignored } = parseListQuery(withListQuery('range=6h', query));
  assert.deepEqual(back, query);
  assert.deepEqual(ignored, []);
});

test('what is not understood is named, not guessed', () => {
  const { query, ignored } = parseListQuery('?type=rocket&state=FINE&site=XX');
  assert.deepEqual(query, { ...EMPTY_QUERY, site: 'XX' });
  assert.deepEqual(ignored, ['type=rocket', 'state=FINE']);
});

test('a search beyond the bound is cut and said', () => {
  const { query, ignored } = parseListQuery(`?q=${'x'.repeat(65)}`);
  assert.equal(query.search.length, 64);
  assert.equal(ignored.length, 1);
});

test("clearing the filter leaves the chart's parameters alone", () => {
  assert.equal(withListQuery('site=A&range=6h&q=7', EMPTY_QUERY), 'range=6h');
});

test('the API is asked only for what is set', () => {
  assert.equal(apiQuery(EMPTY_QUERY, 400, 200), 'limit=200&offset=400');
  assert.equal(
    apiQuery({ ...EMPTY_QUERY, site: 'WY-ALPHA', search: 'TURB' }, 0, 60),
    'site_id=WY-ALPHA&search=TURB&limit=60&offset=0',
  );
});
