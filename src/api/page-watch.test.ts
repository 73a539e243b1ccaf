import assert from 'node:assert/strict';
import { it } from 'node:test';
import { comparePages } from './page-watch.ts';

const page = { total: 9, rows: [4, 5], marks: ['1/0', '1/0'] };

it('sends only the rows that changed, and the whole page when others are on it', () => {
  assert.deepEqual(comparePages(page, page), { kind: 'same' });
  assert.deepEqual(comparePages(page, { ...page, marks: ['1/0', '2/0'] }), { kind: 'rows', rows: [5] });
  assert.deepEqual(comparePages(page, { ...page, marks: ['1/3', '1/0'] }), { kind: 'rows', rows: [4] });
  assert.deepEqual(comparePages(page, { ...page, total: 8 }), { kind: 'rows', rows: [] });
  assert.deepEqual(comparePages(page, { ...page, rows: [4, 6] }), { kind: 'page' });
  assert.deepEqual(comparePages(page, { total: 1, rows: [4], marks: ['1/0'] }), { kind: 'page' });
});
