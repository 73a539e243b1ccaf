import assert from 'node:assert/strict';
import { test } from 'node:test';
import { address, withParams } from './search-params.ts';

test('parameters are set and removed, those of others stay', () => {
  assert.equal(withParams('range=6h', { range: null }), '');
  assert.equal(withParams('a=1&b=2', { b: '3', c: null }), 'a=1&b=3');
});

test('an address without parameters has no question mark', () => {
  assert.equal(address('/logs', ''), '/logs');
  assert.equal(address('/logs', 'q=a'), '/logs?q=a');
});
