import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Citation, Source } from '../schemas.ts';
import type { PartialAnswer } from '../types.ts';
import { combine } from './combine.ts';

const citation = (n: number, passage: string): Citation => ({
  ...{ n, document_id: 'd', document: 'Handbook', file_name: 'handbook.md', media_type: 'text/markdown' },
  ...{ page: 1, page_label: null, heading: '', passage, highlight: passage, score: 0.8 },
});

const part = (source: Source, answer: string, more: Partial<PartialAnswer> = {}): PartialAnswer => ({
  ...{ source, answer, citations: [], data: [], confidence: 0.9, refused: false, suggestions: [] },
  ...more,
});

const handbook = part('documents', 'Hats are worn. [1] Vests too. [2]', {
  citations: [citation(1, 'Hats are worn.'), citation(2, 'Vests too.')],
  confidence: 0.6,
});
const cameras = part('images', 'The average score is 72.4.');
const silent = part('images', 'No camera records are stored yet.', { refused: true, confidence: 0 });

describe('combine', () => {
  test('one answer stays as it is', () => {
    const { answer, type, citations, data } = combine('?', [handbook]);
    assert.equal(answer, handbook.answer);
    assert.equal(type, 'documents');
    assert.equal(citations.length, 2);
    assert.equal(data, null);
  });

  test('citations are numbered through, and the marks in the text follow them', () => {
    const other = part('documents', 'See [1], not [9].', { citations: [citation(1, 'x')] });
    const { answer, citations } = combine('both', [handbook, other]);
    assert.match(answer, /See \[3\], not \[9\]\./);
    assert.deepEqual(
      citations.map(({ n, passage }) => [n, passage]),
      [
        [1, 'Hats are worn.'],
        [2, 'Vests too.'],
        [3, 'x'],
      ],
    );
  });

  test('each source answers under its heading, and a comparison sets their first sentences side by side', () => {
    const { answer, type, confidence } = combine('Compare the handbook with the cameras', [
      handbook,
      cameras,
    ]);
    assert.equal(
      answer,
      'Documents: Hats are worn. [1] Vests too. [2]\n\nCamera records: The average score is 72.4.\n\n' +
        'Side by side, as each source has it: documents: Hats are worn [1]; camera records: The average score is 72.4.',
    );
    assert.equal(type, 'combined');
    assert.equal(confidence, 0.6, 'that of the weakest');
  });

  test('a source that cannot answer is named, and nothing is compared with it', () => {
    const { answer, refused } = combine('Compare the handbook with the cameras', [handbook, silent]);
    assert.match(answer, /Only documents could answer; camera records could not\./);
    assert.doesNotMatch(answer, /Side by side/);
    assert.equal(refused, false);
  });

  test('what no source can answer is refused, with the suggestions of all once', () => {
    const parts = [
      { ...silent, suggestions: ['a', 'b'] },
      part('logs', 'No.', { refused: true, suggestions: ['b', 'c'] }),
    ];
    const { refused, confidence, suggestions } = combine('?', parts);
    assert.deepEqual(
      { refused, confidence, suggestions },
      { refused: true, confidence: 0, suggestions: ['a', 'b', 'c'] },
    );
  });

  test('no part at all is a mistake of the caller', () => {
    assert.throws(() => combine('?', []), RangeError);
  });
});
