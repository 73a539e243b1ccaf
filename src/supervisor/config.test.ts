import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { UsageError } from '../lib/errors.ts';
import { instanceOptions, parseOptions, prepareDataDir, upOptions, wholeNumber } from './config.ts';

const fails = (use: () => unknown, message: RegExp): void =>
  assert.throws(use, (error) => error instanceof UsageError && message.test(error.message));

describe('options', () => {
  it('are parsed', () => {
    const { values, words } = parseOptions(
      ['--rate', '5', 'ingest', '--data-dir=d'],
      ['rate', 'data-dir'],
      1,
    );
    assert.deepEqual({ ...values }, { rate: '5', 'data-dir': 'd' });
    assert.deepEqual(words, ['ingest']);
    assert.equal(instanceOptions(values).dataDir, resolve('d'));
    assert.deepEqual(upOptions({ ...values, 'port-offset': '100', 'no-simulators': true }), {
      dataDir: resolve('d'),
      portOffset: 100,
      rate: 5,
      users: 1_000,
      simulators: false,
      rabbitmq: true,
      rag: true,
      vision: true,
      cameraIntervalS: 60,
      observability: true,
      alertWebhook: null,
      trustedProxies: [],
    });
  });

  it('that are wrong are named', () => {
    fails(() => parseOptions(['--rte', '5'], ['rate']), /--rte/);
    fails(() => parseOptions(['--purge'], ['rate']), /--purge is not an option of this command/);
    fails(() => parseOptions(['--rate'], ['rate']), /--rate/);
    fails(() => parseOptions(['now'], ['rate']), /unexpected argument "now"/);
    fails(
      () => upOptions({ 'data-dir': '/d', rate: '0' }),
      /--rate must be a whole number from 1 to 100000, not "0"/,
    );
    fails(
      () => upOptions({ 'data-dir': '/d', users: '5001' }),
      /--users must be a whole number from 0 to 5000/,
    );
    fails(() => instanceOptions({ 'data-dir': '/d', 'port-offset': '30001' }), /--port-offset/);
    fails(
      () => upOptions({ 'data-dir': '/d', 'port-offset': '3000' }),
      /3000 gives port 6000, which browsers refuse/,
    );
  });

  it('that name no address for alerts are refused', () =>
    fails(
      () => upOptions({ 'data-dir': '/d', 'alert-webhook': 'pager' }),
      /--alert-webhook takes an address/,
    ));

  for (const text of ['', ' ', '-1', '1.5', '1e2', '0x10', '11', '٣', 'x']) {
    it(`"${text}" is no whole number from 0 to 10`, () =>
      fails(() => wholeNumber('--n', text, 3, 0, 10), /--n must be/));
  }

  it('whole numbers include their bounds and have a fallback', () => {
    assert.deepEqual(
      [
        wholeNumber('n', '0', 3, 0, 10),
        wholeNumber('n', '10', 3, 0, 10),
        wholeNumber('n', undefined, 3, 0, 10),
      ],
      [0, 10, 3],
    );
  });

  it('a data directory that cannot be made is named', () => {
    const dir = mkdtempSync(join(tmpdir(), 'tier0-test-config-'));
    writeFileSync(join(dir, 'file'), '');
    try {
      fails(
        () => prepareDataDir(join(dir, 'file', 'data')),
        /the data directory .*file\/data cannot be written/,
      );
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
