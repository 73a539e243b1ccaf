import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'node:test';
import type { SecondRecord } from './ledger.ts';
import { Spool } from './spool.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tier0-test-spool-'));
  path = join(dir, 'ledger.jsonl');
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const run = randomUUID();
const second = (at: number): SecondRecord => ({ run, at, good: 4, bad: [] });

describe('the spool', () => {
  it('has what was written by a process that was killed, but for a line it did not finish', async () => {
    const spool = new Spool(path);
    await Promise.all([spool.append(second(1)), spool.append(second(2))]);
    await spool.close();
    appendFileSync(path, '{"run":"');
    assert.deepEqual(Spool.read(path), [second(1), second(2)]);
  });

  it('goes on after a line that was not finished', async () => {
    appendFileSync(path, '{"run":"');
    const spool = new Spool(path);
    await spool.append(second(3));
    await spool.append(second(4));
    await spool.close();
    assert.deepEqual(Spool.read(path).at(-1), second(4));
  });

  it('keeps what is not stored yet, and what is written meanwhile', async () => {
    const spool = new Spool(path);
    for (let at = 0; at < 99; at++) await spool.append(second(at));
    const held = [second(98), second(99)];
    const before = spool.append(second(99));
    const kept = spool.keep(() => [...held]);
    held.push(second(100));
    await Promise.all([before, kept, spool.append(second(100))]);
    await spool.append(second(101));
    await spool.close();
    assert.deepEqual(
      Spool.read(path).map(({ at }) => at),
      [98, 99, 100, 101],
    );
    assert.equal(readFileSync(path, 'utf8').split('\n').length, 5);
  });

  it('is empty before the first start', () => assert.deepEqual(Spool.read(path), []));
});
