import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  apiQuery,
  continuesTyping,
  EMPTY_QUERY,
  formatLogQuery,
  isFiltered,
  isOpenEnded,
  type LogQuery,
  lastPage,
  narrowed,
  parseLogQuery,
  untilAfter,
} from './log-query.ts';

const NOON = Date.parse('2026-11-16T12:00:00Z');

test('a query survives the way through the address', () => {
  const query: LogQuery = {
    search: 'a&b=1 +%2e',
    status: '4xx',
    method: 'GET',
    address: '::1',
    path: '/api/devices?limit=9',
    source: 'access.log',
    range: '7d',
    window: { from: '2026-11-16T11:00:00.000Z', to: null },
    page: 3,
    until: '2026-11-16T12:00:00.001Z',
    order: 'errors',
  };
  assert.deepEqual(parseLogQuery(formatLogQuery(query)), { query, ignored: [] });
});

test('the usual view has a plain address', () => {
  assert.equal(formatLogQuery(EMPTY_QUERY), '');
  assert.deepEqual(parseLogQuery(''), { query: EMPTY_QUERY, ignored: [] });
  assert.deepEqual(parseLogQuery('?q=&status=').query, EMPTY_QUERY);
});

test('what is not understood is named and left out', () => {
  const bad = {
    status: ['600', '40', '4x', '4xxx'],
    method: ['G-T', 'x'.repeat(33)],
    range: ['forever'],
    from: ['yesterday', '2026-13-40T00:00:00Z', '2026-11-16', '1969-01-01T00:00:00Z'],
    to: ['1700000000'],
    page: ['0', '-1', '1.5', '1001', '99999'],
    order: ['size'],
    q: ['x'.repeat(201), 'a\0b'],
  };
  for (const [key, values] of Object.entries(bad)) {
    for (const value of values) {
      const { query, ignored } = parseLogQuery(new URLSearchParams({ [key]: value }).toString());
      assert.deepEqual(query, EMPTY_QUERY, `${key}=${value}`);
      assert.deepEqual(ignored, [`${key}=${value.slice(0, 60)}`]);
    }
  }
});

test('a window that holds nothing is ignored', () => {
  const { query, ignored } = parseLogQuery('from=2026-11-16T12:00:00Z&to=2026-11-16T12:00:00Z');
  assert.equal(query.window, null);
  assert.equal(ignored.length, 2);
});

test('a page needs the moment that holds it still', () => {
  assert.deepEqual(parseLogQuery('page=2'), { query: EMPTY_QUERY, ignored: ['page=2 without until'] });
});

test('classes and methods are understood in any case', () => {
  const { query } = parseLogQuery('status=5XX&method=post');
  assert.equal(query.status, '5xx');
  assert.equal(query.method, 'POST');
});

test('an address may be called as the API calls it', () => {
  assert.deepEqual(parseLogQuery('ip_address=10.0.0.9'), {
    query: { ...EMPTY_QUERY, address: '10.0.0.9' },
    ignored: [],
  });
  assert.equal(parseLogQuery('ip_address=10.0.0.9&address=::1').query.address, '::1');
});

test('another filter begins at its first page', () => {
  const paged = { ...EMPTY_QUERY, page: 4, until: '2026-11-16T12:00:00.000Z' };
  assert.deepEqual(narrowed(paged, { status: '404' }), { ...EMPTY_QUERY, status: '404' });
});

test('the API is asked for what is set, as of now', () => {
  assert.equal(apiQuery(EMPTY_QUERY, NOON), 'from=2026-11-16T11%3A00%3A00.000Z');
  assert.equal(apiQuery({ ...EMPTY_QUERY, range: 'all' }, NOON, { limit: 10 }), 'limit=10');
  const query = { ...EMPTY_QUERY, range: 'all', search: 'x', status: '404', address: '10.0.0.9' } as const;
  assert.equal(apiQuery(query, NOON), 'ip_address=10.0.0.9&status_code=404&search=x');
});

test('a page keeps its time while the clock goes on', () => {
  const query = { ...EMPTY_QUERY, range: '15m', page: 2, until: '2026-11-16T12:00:00.000Z' } as const;
  const params = new URLSearchParams(apiQuery(query, NOON + 86_400_000));
  assert.equal(params.get('from'), '2026-11-16T11:45:00.000Z');
  assert.equal(params.get('to'), '2026-11-16T12:00:00.000Z');
});

test('a window ends where it says or where the reader began to page', () => {
  const window = { from: null, to: '2026-11-16T12:00:00.000Z' };
  const to = (until: string | null) =>
    new URLSearchParams(apiQuery({ ...EMPTY_QUERY, window, until }, NOON)).get('to');
  assert.equal(to(null), window.to);
  assert.equal(to('2026-11-16T11:59:00.000Z'), '2026-11-16T11:59:00.000Z');
  assert.equal(to('2026-11-16T12:59:00.000Z'), window.to);
});

test('only going on with one text continues the typing', () => {
  const search = (text: string | null) => ({ ...EMPTY_QUERY, search: text });
  assert.ok(continuesTyping(search('a'), search('ab')));
  assert.ok(!continuesTyping(search(null), search('a')));
  assert.ok(!continuesTyping(search('a'), search(null)));
  assert.ok(!continuesTyping(search('a'), { ...search('ab'), status: '404' }));
  assert.ok(!continuesTyping(search('a'), search('a')));
});

test('a filter, a time or a page can be left; the order of paths is none of them', () => {
  assert.ok(!isFiltered({ ...EMPTY_QUERY, order: 'errors' }));
  assert.ok(isFiltered({ ...EMPTY_QUERY, range: 'all' }));
  assert.ok(isFiltered({ ...EMPTY_QUERY, source: 'front-door' }));
});

test('new entries belong to a view without an end', () => {
  const at = '2026-11-16T12:00:00.000Z';
  assert.ok(isOpenEnded({ ...EMPTY_QUERY, window: { from: at, to: null } }));
  assert.ok(!isOpenEnded({ ...EMPTY_QUERY, window: { from: null, to: at } }));
  assert.ok(!isOpenEnded({ ...EMPTY_QUERY, page: 2, until: at }));
});

test('pages stay within what the API answers', () => {
  assert.equal(lastPage(0), 1);
  assert.equal(lastPage(100), 1);
  assert.equal(lastPage(101), 2);
  assert.equal(lastPage(100_000), 1000);
  assert.equal(untilAfter('2026-11-16T11:59:59.999Z'), '2026-11-16T12:00:00.000Z');
});
