import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { piecesOf } from './highlight.ts';

const marked = (text: string, pieces: readonly string[]) => [...piecesOf(text, pieces)].sort((a, b) => a - b);

describe('a quotation is found on its page', () => {
  test('over the ends of lines, whatever the spaces', () => {
    assert.deepEqual(
      marked('events were 38 in 2024', ['Our total', 'events  were', '38 in', '2024.', 'More']),
      [1, 2, 3],
    );
  });

  test('over a hyphen at the end of a line and ligatures', () => {
    assert.deepEqual(marked('life-changing first', ['a life-', 'changing', 'ﬁrst one']), [0, 1, 2]);
  });

  test('as the cells of a row, one after the other', () => {
    const pieces = ['2024', 'Oil spills', '96', 'Tier 1 and tier 2', 'events', '38', '39'];
    assert.deepEqual(marked('Tier 1 and tier 2 events | 38 | 39', pieces), [3, 4, 5, 6]);
  });

  test('or not at all, when the page does not have it', () => {
    assert.deepEqual(marked('nothing of the kind', ['Some', 'page']), []);
  });
});
