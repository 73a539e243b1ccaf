import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { passagesOf } from './passages.ts';
import type { Block } from './types.ts';

const passages = (...pages: readonly (readonly Block[])[]) =>
  passagesOf({
    title: null,
    pages: pages.map((blocks, index) => ({ page: index + 1, label: null, blocks })),
  });
const paragraph = (text: string): Block => ({ kind: 'paragraph', text });
const heading = (level: number, text: string): Block => ({ kind: 'heading', level, text });
const row = (text: string): Block => ({ kind: 'row', text });
const sentence = (word: string, words: number): string =>
  `${Array.from({ length: words }, () => word).join(' ')}.`;

describe('a passage', () => {
  test('stands under its headings and on its page', () => {
    const made = passages(
      [
        heading(1, 'A'),
        heading(2, 'B'),
        paragraph('Some words of B.'),
        heading(2, 'C'),
        paragraph('Some words of C.'),
      ],
      [paragraph('On the next page.')],
    );
    assert.deepEqual(
      made.map(({ page, heading: above, content }) => [page, above, content]),
      [
        [1, 'A > B', 'Some words of B.'],
        [1, 'A > C', 'Some words of C.'],
        [2, 'A > C', 'On the next page.'],
      ],
    );
  });

  test('is cut where a sentence ends and has no more than its words', () => {
    const made = passages([paragraph([1, 2, 3, 4, 5].map(() => sentence('Word', 50)).join(' '))]);
    assert.ok(made.length >= 3);
    for (const { content } of made) assert.ok(content.endsWith('.') && content.split(/\s+/).length <= 110);
  });

  test('of a table repeats the header, so that every figure stands below its column', () => {
    const rows = Array.from({ length: 30 }, (_, index) => row(`Measure ${index} | ${index} | ${index + 1}`));
    const made = passages([row(' | 2024 | 2023'), ...rows]);
    assert.ok(made.length > 1);
    for (const { kind, content } of made) {
      assert.equal(kind, 'table');
      assert.ok(content.startsWith(' | 2024 | 2023\n'));
    }
    assert.equal(made.flatMap(({ content }) => content.split('\n').slice(1)).length, 30);
  });

  test('is none of a number that has lost its chart', () => {
    assert.deepEqual(passages([paragraph('38'), paragraph('l'), paragraph('40 50 60')]), []);
  });

  test('has its place in the order of reading', () => {
    const made = passages([paragraph('One thing.'), row('alpha | 1'), paragraph('Another thing.')]);
    assert.deepEqual(
      made.map(({ ordinal }) => ordinal),
      [0, 1, 2],
    );
  });
});
