import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, it } from 'node:test';
import { gzipSync } from 'node:zlib';
import type pg from 'pg';
import { UnavailableError } from '../lib/errors.ts';
import { startTestDatabase, type TestDatabase } from '../lib/test-database.ts';
import { type Imported, importLogFile, type Unreadable } from './import-logs.ts';

let database: TestDatabase;
let client: pg.Client;
let dir: string;

before(async () => {
  database = await startTestDatabase();
  client = await database.connect();
});
after(async () => {
  await client.end();
  await database.stop();
});
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tier0-test-import-'));
});
afterEach(async () => {
  rmSync(dir, { recursive: true, force: true });
  await client.query('TRUNCATE access_log');
});

/** One connection stands for the pool: work is done in turn. */
const pool = {
  withClient: <T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> => work(client as pg.PoolClient),
};

const line = (second: number, path: string, status = 200): string =>
  `10.0.0.${second % 200} - - [01/Nov/2026:10:${String(Math.floor(second / 60) % 60).padStart(2, '0')}:` +
  `${String(second % 60).padStart(2, '0')} +0000] "GET ${path} HTTP/1.1" ${status} 10 "-" "test"`;

async function load(
  content: string | Buffer,
  name = 'access.log',
): Promise<Imported & { bad: Unreadable[] }> {
  const path = join(dir, name);
  writeFileSync(path, content);
  const bad: Unreadable[] = [];
  const hooks = { onUnreadable: (one: Unreadable) => bad.push(one), onProgress: () => {} };
  return { ...(await importLogFile(path, pool, hooks)), bad };
}

async function paths(): Promise<string[]> {
  const { rows } = await client.query<{ path: string }>('SELECT path FROM access_log ORDER BY at, path');
  return rows.map(({ path }) => path);
}

it('a file is stored once: again, under another name, as gzip or grown it adds only what is new', async () => {
  const lines = [line(1, '/a'), line(1, '/a'), line(2, '/b')].join('\n');
  const first = await load(`${lines}\n`);
  assert.deepEqual([first.lines, first.stored, first.known], [3, 3, 0]);
  assert.deepEqual(await paths(), ['/a', '/a', '/b'], 'two requests that say the same are two');
  const again = await load(`${lines}\n`, 'access.log.1');
  assert.deepEqual([again.stored, again.known], [0, 3]);
  const grown = await load(gzipSync(`${lines}\n${line(3, '/c')}`), 'access.log.2.gz');
  assert.deepEqual([grown.stored, grown.known], [1, 3]);
  assert.deepEqual(await paths(), ['/a', '/a', '/b', '/c']);
});

it('lines that cannot be read are counted and placed, and cost no other line', async () => {
  const content = Buffer.concat([
    Buffer.from(`${line(1, '/a')}\n\nnonsense\n`),
    Buffer.from([0xff, 0xfe, 0x00, 0x0a]),
    Buffer.from(`${line(2, `/${'x'.repeat(1_048_576)}`)}\n`),
    Buffer.from(`${line(3, '/b').replace('01/Nov', '31/Nov')}\r\n${line(4, '/c', 404)}\r\n`),
    Buffer.from(
      `1.2.3.4 - - [01/Nov/2026:10:00:05 +0000] "GET /\u00e4\u0000 HTTP/1.1" 200 1 "'; DROP TABLE x" "\u{1f525}"\n`,
    ),
  ]);
  const { lines, stored, unreadable, bad } = await load(content);
  assert.deepEqual([lines, stored, unreadable], [7, 3, 4]);
  assert.deepEqual(bad, [
    { atLine: 3, reason: 'no address' },
    { atLine: 4, reason: 'no address' },
    { atLine: 5, reason: 'longer than 65536 bytes' },
    { atLine: 6, reason: 'not a date' },
  ]);
  assert.deepEqual(await paths(), ['/a', '/c', '/ä\\x00']);
});

it('more lines than a batch holds are all stored', async () => {
  const content = Array.from({ length: 12_345 }, (_, index) => line(index, `/${index}`)).join('\n');
  assert.equal((await load(content)).stored, 12_345);
  assert.equal((await client.query('SELECT FROM access_log')).rowCount, 12_345);
});

it('a damaged gzip file is named with the line up to which it was imported', async () => {
  const whole = gzipSync(Array.from({ length: 50_000 }, (_, index) => line(index, `/${index}`)).join('\n'));
  await assert.rejects(
    load(whole.subarray(0, whole.length / 2), 'cut.gz'),
    /cut\.gz is damaged after line \d+/,
  );
});

it('what is no file is refused by name, and a cluster without a leader ends the import', async () => {
  const hooks = { onUnreadable: () => {}, onProgress: () => {} };
  await assert.rejects(importLogFile(join(dir, 'none.log'), pool, hooks), /cannot import .*none\.log/);
  await assert.rejects(importLogFile(dir, pool, hooks), /it is not a file/);
  writeFileSync(join(dir, 'a.log'), line(1, '/a'));
  const away = { withClient: () => Promise.reject(new UnavailableError('no leader')) };
  await assert.rejects(importLogFile(join(dir, 'a.log'), away, hooks), UnavailableError);
});
