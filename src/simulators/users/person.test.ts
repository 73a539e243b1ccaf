import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MAX_USERS } from '../../lib/users.ts';
import { addressOf, personOf } from './person.ts';

const everybody = Array.from({ length: MAX_USERS }, (_, index) => personOf(index + 1));

test('every user has an address of its own, in the networks that are nobody’s', () => {
  assert.equal(new Set(everybody.map(({ address }) => address)).size, MAX_USERS);
  for (const { address, habit } of everybody) {
    assert.match(address, habit === 'scanner' ? /^192\.0\.2\.\d+$/ : /^198\.1[89]\.\d+\.\d+$/);
    assert.ok(address.split('.').every((part) => Number(part) <= 255));
  }
  assert.equal(addressOf(42), personOf(42).address);
});

test('one user in 200 is a scanner, two in 100 are clumsy or forgetful', () => {
  const count = (of: string): number => everybody.slice(0, 1_000).filter(({ habit }) => habit === of).length;
  assert.deepEqual(['scanner', 'clumsy', 'forgetful'].map(count), [5, 10, 10]);
});
