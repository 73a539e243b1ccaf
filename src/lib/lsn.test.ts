import assert from 'node:assert/strict';
import { it } from 'node:test';
import { formatLsn, parseLsn } from './lsn.ts';

it('an LSN is one number of 64 bits', () => {
  assert.equal(parseLsn('0/0'), 0n);
  assert.equal(parseLsn('16/B374D848'), 0x16b374d848n);
  assert.equal(parseLsn('ffffffff/FFFFFFFF'), 2n ** 64n - 1n);
  for (const text of ['0/0', '16/B374D848', '1/0', 'FFFFFFFF/FFFFFFFF']) {
    assert.equal(formatLsn(parseLsn(text)), text);
  }
  assert.ok(parseLsn('1/0') > parseLsn('0/FFFFFFFF'));
  for (const text of ['', '0', '/0', '0/', '0/100000000', 'G/0', '0/0 ', '-1/0']) {
    assert.throws(() => parseLsn(text), /not an LSN/, text);
  }
});
