import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UsageError } from '../../src/lib/errors.ts';
import { parseBenchOptions } from './options.ts';

test('without options: three runs of all cases in both tunings, Patroni alone', () => {
  assert.deepEqual(parseBenchOptions([]), {
    runs: 3,
    cases: ['node', 'postgres', 'switchover'],
    tunings: ['tuned', 'default'],
    seed: null,
    install: false,
    beside: null,
    json: null,
  });
});

test('one case, one tuning, beside an instance', () => {
  const args = '--runs 5 --case node --tuning tuned --beside --data-dir /data --port-offset 100 --seed 0';
  const options = parseBenchOptions(args.split(' '));
  assert.deepEqual(options?.beside, { dataDir: '/data', portOffset: 100 });
  assert.deepEqual(
    [options?.runs, options?.cases, options?.tunings, options?.seed],
    [5, ['node'], ['tuned'], 0],
  );
});

test('what is wrong is refused by name', () => {
  for (const args of [
    ['--runs', '0'],
    ['--case', 'region'],
    ['--tuning', 'toString'],
    ['--data-dir', '/data'],
    ['--port-offset', '100'],
    ['--seed', '-1'],
    ['--what'],
    ['word'],
  ]) {
    assert.throws(() => parseBenchOptions(args), UsageError, args.join(' '));
  }
});

test('the help is asked for', () => {
  assert.equal(parseBenchOptions(['--help']), null);
});
