import assert from 'node:assert/strict';
import { it } from 'node:test';
import { LineSplitter } from './lines.ts';

function split(chunks: readonly string[], maxBytes = 8): [number, string | null][] {
  const splitter = new LineSplitter(maxBytes);
  const lines = chunks.flatMap((chunk) => [...splitter.push(Buffer.from(chunk))]);
  const last = splitter.end();
  return [...lines, ...(last === null ? [] : [last])].map(({ number, bytes }) => [
    number,
    bytes?.toString() ?? null,
  ]);
}

it('a line may come in any number of chunks, and the last one may lack its newline', () => {
  const whole = [
    [1, 'one'],
    [2, 'two'],
    [3, 'three'],
  ];
  assert.deepEqual(split(['one\ntwo\nthree']), whole);
  assert.deepEqual(split([...'one\ntwo\nthree\n']), whole);
  assert.deepEqual(split(['on', 'e\ntw', 'o', '\nthree\n', '']), whole);
});

it('empty lines are counted and left out', () => {
  assert.deepEqual(split(['\n\na\n\nb\n']), [
    [3, 'a'],
    [5, 'b'],
  ]);
  assert.deepEqual(split(['']), []);
});

it('of a line that is longer than the bound only its number is kept', () => {
  const text = ['a\n12345678\n', '1234', '56', '789', '0\nb\n123456789'];
  assert.deepEqual(split(text), [
    [1, 'a'],
    [2, '12345678'],
    [3, null],
    [4, 'b'],
    [5, null],
  ]);
});
