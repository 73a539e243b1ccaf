import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LineIds } from './line-ids.ts';

const namesOf = (lines: readonly [text: string, atMs: number][]): string[] => {
  const ids = new LineIds();
  return lines.map(([text, atMs]) => ids.idOf(Buffer.from(text), atMs));
};

it('the same lines have the same names in every file, and every line has one of its own', () => {
  const lines: [string, number][] = [
    ['a', 1],
    ['a', 1],
    ['b', 1],
    ['a', 1],
    ['a', 2],
  ];
  const names = namesOf(lines);
  assert.deepEqual(namesOf(lines), names);
  assert.deepEqual(namesOf([...lines, ['c', 3]]).slice(0, 5), names, 'a file that has grown');
  // Its time is part of a line's text, so the last one never says the same as the first.
  assert.equal(new Set(names.slice(0, 4)).size, 4);
  for (const name of names) assert.match(name, /^[0-9a-f]{32}$/);
});

it('what it remembers is bounded by time, and lines that stand close together are told apart', () => {
  const ids = new LineIds();
  const first = ids.idOf(Buffer.from('a'), 0);
  for (let second = 1; second < 4_000; second++) ids.idOf(Buffer.from(`x${second}`), second);
  assert.notEqual(ids.idOf(Buffer.from('a'), 0), first, 'an hour later in the file it is still known');
});
