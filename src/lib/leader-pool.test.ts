import assert from 'node:assert/strict';
import { it } from 'node:test';
import { isConnectionFailure } from './leader-pool.ts';

const withCode = (code: string): Error => Object.assign(new Error('x'), { code });

it('failures of the connection or the server are told from those of the statement', () => {
  for (const code of [
    '08000',
    '08006',
    '57P01',
    '57P02',
    '57P03',
    '25006',
    '28000',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
  ]) {
    assert.equal(isConnectionFailure(withCode(code)), true, code);
  }
  for (const message of [
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
  ]) {
    assert.equal(isConnectionFailure(new Error(message)), true, message);
  }
  for (const code of ['23505', '23514', '40001', '40P01', '42601', '57014', '53100', '28P01', '22P02']) {
    assert.equal(isConnectionFailure(withCode(code)), false, code);
  }
  assert.equal(isConnectionFailure(new Error('a bug')), false);
  assert.equal(isConnectionFailure('ECONNREFUSED'), false);
});
