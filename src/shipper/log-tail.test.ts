import assert from 'node:assert/strict';
import { appendFileSync, existsSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { LogTail, type Position } from './log-tail.ts';

let dir: string;
let path: string;
let nowMs: number;
let tail: LogTail;
let position: Position | null;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tier0-test-tail-'));
  path = join(dir, 'access.log');
  nowMs = 0;
  tail = new LogTail(path, () => nowMs);
  position = null;
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** Reads on until nothing more comes at once. */
function readAll(): string[] {
  const lines: string[] = [];
  for (;;) {
    const read = tail.read(position);
    lines.push(...read.lines);
    position = read.next;
    if (!read.more) return lines;
  }
}

/** As the supervisor does: the newest of the old ones is path.1. */
function rotate(): void {
  for (const n of [2, 1, 0]) {
    const from = n === 0 ? path : `${path}.${n}`;
    if (existsSync(from)) renameSync(from, `${path}.${n + 1}`);
  }
}

const write = (text: string): void => appendFileSync(path, text);

it('only whole lines are read, each once', () => {
  assert.deepEqual(readAll(), []);
  write('one\ntw');
  assert.deepEqual(readAll(), ['one']);
  assert.deepEqual(readAll(), []);
  write('o\nthree\n');
  assert.deepEqual(readAll(), ['two', 'three']);
  assert.equal(tail.behindBytes(position), 0);
  write('four\n');
  assert.equal(tail.behindBytes(position), 5);
});

it('what was not done with is read again, by another reader as well', () => {
  write('one\ntwo\n');
  const before = tail.read(null);
  assert.deepEqual(new LogTail(path, () => 0).read(null).lines, before.lines);
  assert.deepEqual(new LogTail(path, () => 0).read(before.next).lines, []);
});

it('a file that was renamed is read to its end, also what its writer adds before it reopens', () => {
  write('one\n');
  assert.deepEqual(readAll(), ['one']);
  write('two\n');
  renameSync(path, `${path}.1`);
  assert.deepEqual(readAll(), ['two'], 'there is no newer one yet');
  write('four\n');
  assert.deepEqual(readAll(), []);
  appendFileSync(`${path}.1`, 'three\n');
  assert.deepEqual(readAll(), ['three']);
  nowMs += 1_999;
  assert.deepEqual(readAll(), []);
  nowMs += 2_000;
  assert.deepEqual(readAll(), ['four']);
});

it('a reader that was away through several rotations misses nothing', () => {
  write('one\n');
  readAll();
  for (const text of ['two', 'three', 'four']) {
    write(`${text}\n`);
    rotate();
  }
  write('five\n');
  const lines: string[] = [];
  for (let round = 0; round < 10; round++) {
    lines.push(...readAll());
    nowMs += 3_000;
  }
  assert.deepEqual(lines, ['two', 'three', 'four', 'five']);
});

it('without its position, or with that of a file that is gone, everything that is there is read', () => {
  writeFileSync(`${path}.1`, 'one\n');
  write('two\n');
  position = { inode: 1, offset: 7 };
  const lines = readAll();
  nowMs += 3_000;
  lines.push(...readAll());
  nowMs += 3_000;
  lines.push(...readAll());
  assert.deepEqual(lines, ['one', 'two']);
});

it('a line that is longer than a read is left out, and the next one is found', () => {
  write(`${'x'.repeat(300 * 1024)}\nnext\n`);
  const lines = readAll();
  assert.equal(lines.at(-1), 'next');
  assert.ok(lines.every((line) => line.length < 256 * 1024));
});
