import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ConfigError } from '../lib/config.ts';
import { readWorkerConfig } from './config.ts';

const env = { TIER0_DATA_DIR: '/tmp/none', TIER0_REGION: 'region1' };

it('refuses a partition width that does not divide a day', () => {
  assert.equal(readWorkerConfig({ ...env, TIER0_PARTITION_MINUTES: '90' }).partitionMinutes, 90);
  assert.throws(() => readWorkerConfig({ ...env, TIER0_PARTITION_MINUTES: '100' }), ConfigError);
});
