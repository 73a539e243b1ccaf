import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { postgresBinDir } from '../../lib/postgres-programs.ts';
import { startTestDatabase } from '../../lib/test-database.ts';
import { archiveFork, forkedSegments, hasForked, keepingSharedWal, sharedSegments } from './forked-wal.ts';

const HISTORY = '1\t0/5000060\tno recovery target specified\n2\t1/3000000\tno recovery target specified\n';
const SEGMENT = 16 * 1024 * 1024;
const segment = (timeline: number, high: number, low: number): string =>
  [timeline, high, low].map((part) => part.toString(16).toUpperCase().padStart(8, '0')).join('');

test('the fork begins in the segment in which the timeline was left, and is of that timeline only', () => {
  const names = [segment(1, 0, 4), segment(1, 0, 5), segment(1, 0, 6), segment(2, 0, 6), '00000002.history'];
  assert.deepEqual(forkedSegments(names, SEGMENT, 1, HISTORY), [segment(1, 0, 5), segment(1, 0, 6)]);
  assert.deepEqual(forkedSegments([segment(2, 1, 2), segment(2, 1, 3)], SEGMENT, 2, HISTORY), [
    segment(2, 1, 3),
  ]);
  assert.deepEqual(forkedSegments(names, SEGMENT, 3, HISTORY), [], 'the leader never left that timeline');
});

test('the fork is copied, and only the newest three copies stay', () => {
  const root = mkdtempSync(join(tmpdir(), 'tier0-test-fork-'));
  try {
    const dataDir = join(root, 'postgres');
    mkdirSync(join(dataDir, 'pg_wal'), { recursive: true });
    writeFileSync(join(dataDir, 'pg_wal', segment(1, 0, 5)), Buffer.alloc(SEGMENT));
    for (const label of ['a', 'b', 'c', 'd']) {
      assert.equal(archiveFork(dataDir, 1, HISTORY, label), join(`${dataDir}.forked`, label));
    }
    assert.deepEqual(readdirSync(`${dataDir}.forked`).sort(), ['b', 'c', 'd']);
    assert.deepEqual(readdirSync(join(`${dataDir}.forked`, 'd')), [segment(1, 0, 5)]);
    assert.equal(archiveFork(dataDir, 7, HISTORY, 'e'), null);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('what was written before the fork is shared: whole segments, of this timeline and those before it', () => {
  const names = [segment(1, 0, 3), segment(1, 0, 4), segment(1, 0, 5), segment(2, 0, 6), '00000001.history'];
  assert.deepEqual(sharedSegments(names, SEGMENT, 1, HISTORY), [segment(1, 0, 3), segment(1, 0, 4)]);
  assert.deepEqual(sharedSegments(names, SEGMENT, 3, HISTORY), []);
});

test('shared WAL that the rewind removed is put back, unless it was reused for something else', async () => {
  const root = mkdtempSync(join(tmpdir(), 'tier0-test-shared-'));
  try {
    const dataDir = join(root, 'postgres');
    const wal = join(dataDir, 'pg_wal');
    mkdirSync(wal, { recursive: true });
    const page = (number: number): Buffer => {
      const bytes = Buffer.alloc(SEGMENT);
      bytes.writeBigUInt64LE(BigInt(number * SEGMENT), 8);
      return bytes;
    };
    for (const number of [2, 3, 4]) writeFileSync(join(wal, segment(1, 0, number)), page(number));
    await keepingSharedWal(dataDir, 1, HISTORY, async () => {
      // Recycled under another name, and written to; removed; left alone.
      writeFileSync(join(wal, segment(1, 0, 2)), page(9));
      renameSync(join(wal, segment(1, 0, 2)), join(wal, segment(2, 0, 9)));
      rmSync(join(wal, segment(1, 0, 3)));
    });
    assert.deepEqual(readdirSync(wal).sort(), [segment(1, 0, 3), segment(1, 0, 4), segment(2, 0, 9)]);
    assert.deepEqual(readdirSync(root), ['postgres']);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
});

test('a server has forked when it wrote a record where its timeline was left, and not when its WAL ends there', async () => {
  const database = await startTestDatabase();
  const client = await database.connect();
  try {
    const ask = async <T>(sql: string): Promise<T> => {
      const { rows } = await client.query<{ answer: T }>(`SELECT ${sql} AS answer`);
      return rows[0]?.answer as T;
    };
    const dataDir = await ask<string>("current_setting('data_directory')");
    const before = await ask<string>('pg_current_wal_insert_lsn()::text');
    // Waits until it is on disk.
    await client.query('CREATE TABLE written (x integer)');
    const after = await ask<string>('pg_current_wal_insert_lsn()::text');
    const forked = (lsn: string): Promise<boolean> =>
      hasForked(postgresBinDir(), dataDir, 1, `1\t${lsn}\tno recovery target specified\n`);
    assert.equal(await forked(before), true);
    assert.equal(await forked(after), false);
    assert.equal(await forked('FF/0'), false, 'a segment that was never begun');
    assert.equal(await hasForked(postgresBinDir(), dataDir, 1, ''), true, 'the leader never left it');
    assert.equal(await hasForked('/nowhere', dataDir, 1, `1\t${after}\t\n`), true, 'cannot be told');
  } finally {
    await client.end();
    await database.stop();
  }
});
