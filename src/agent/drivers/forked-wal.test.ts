import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { archiveFork, forkedSegments } from './forked-wal.ts';

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
