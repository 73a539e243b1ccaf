import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sentences } from '../text/sentences.ts';
import { tokens } from '../text/tokens.ts';
import type { Passage } from '../types.ts';
import { SearchIndex } from './index.ts';

const passage = (ordinal: number, content: string, heading = ''): Passage => ({
  ordinal,
  page: 1,
  pageLabel: null,
  heading,
  kind: 'prose',
  content,
});
const document = (documentId: string, title = documentId) => ({
  documentId,
  title,
  fileName: `${documentId}.md`,
  mediaType: 'text/markdown',
});

function corpus(): SearchIndex {
  const index = new SearchIndex(3);
  index.put(document('hats'), [
    passage(0, 'A hard hat is replaced after any hard blow.'),
    passage(1, 'Vests are replaced when they have faded.'),
  ]);
  index.put(document('gas'), [passage(0, 'Methane is measured before the work begins.')]);
  return index;
}
const found = (index: SearchIndex, question: string, vector: Float32Array | null = null) =>
  index.search(question, vector, 10).map((hit) => `${hit.document.documentId} ${hit.passage.ordinal}`);

describe('passages are found', () => {
  test('by words in whatever form they stand', () => {
    assert.equal(found(corpus(), 'When are hard hats being replaced?')[0], 'hats 0');
  });

  test('by meaning where words fail', () => {
    const index = corpus();
    index.setVectors('hats', 0, [Float32Array.of(1, 0, 0), Float32Array.of(0.8, 0.6, 0)]);
    index.setVectors('gas', 0, [Float32Array.of(0, 0, 1)]);
    assert.equal(found(index, 'quid novi', Float32Array.of(0, 0, 1))[0], 'gas 0');
  });

  test('with words where vectors are not there yet', () => {
    const index = corpus();
    index.setVectors('gas', 0, [Float32Array.of(0, 0, 1)]);
    assert.equal(found(index, 'hard hat', Float32Array.of(1, 0, 0))[0], 'hats 0');
    assert.equal(index.vectorsOf('hats'), 0);
  });

  test('no more when their document is removed or replaced', () => {
    const index = corpus();
    index.setVectors('hats', 0, [Float32Array.of(1, 0, 0), Float32Array.of(1, 0, 0)]);
    index.put(document('hats'), [passage(0, 'Boots have a steel cap.')]);
    assert.deepEqual(found(index, 'hard blow'), []);
    assert.equal(found(index, 'steel boots')[0], 'hats 0');
    assert.deepEqual([index.documents, index.passages, index.vectors, index.vectorsOf('hats')], [2, 2, 0, 0]);
    index.remove('gas');
    assert.deepEqual(found(index, 'methane'), []);
    assert.deepEqual([index.documents, index.passages], [1, 1]);
  });

  test('the same after many changes as in an index that is made anew', () => {
    const changed = new SearchIndex(3);
    for (let round = 0; round < 20; round++) {
      changed.put(document('a'), [
        passage(0, `round ${round} of turbine vibration`),
        passage(1, 'bearing wear'),
      ]);
      changed.put(document('b'), [passage(0, `vibration rises ${round}`)]);
      if (round % 3 === 0) changed.remove('a');
    }
    const fresh = new SearchIndex(3);
    fresh.put(document('a'), [passage(0, 'round 19 of turbine vibration'), passage(1, 'bearing wear')]);
    fresh.put(document('b'), [passage(0, 'vibration rises 19')]);
    const scores = (index: SearchIndex) =>
      index
        .search('turbine vibration 19', null, 10)
        .map(({ document: { documentId }, score }) => [documentId, score.toFixed(9)]);
    assert.deepEqual(scores(changed), scores(fresh));
  });
});

describe('vectors', () => {
  test('of another space are refused', () => {
    assert.throws(() => corpus().setVectors('gas', 0, [new Float32Array(4)]), RangeError);
  });
});

describe('texts', () => {
  test('numbers stay whole, and are the same with and without their separators', () => {
    assert.deepEqual(
      tokens('1,234.5 and 1234.5 in 2024: 38').map(({ stem }) => stem),
      ['1234.5', 'and', '1234.5', 'in', '2024', '38'],
    );
  });

  test('a sentence ends where it ends, not at a decimal point or an abbreviation', () => {
    assert.deepEqual(
      sentences('It was 1.8 metres, e.g. a ladder. No. 5 fell.\na row | 1 | 2').map(({ text }) => text),
      ['It was 1.8 metres, e.g. a ladder.', 'No. 5 fell.', 'a row | 1 | 2'],
    );
  });

  test('every sentence is found where it says it is', () => {
    const text = ' First one.  Second one! Third?\nA line ';
    for (const { text: one, at } of sentences(text)) assert.equal(text.slice(at, at + one.length), one);
  });
});
