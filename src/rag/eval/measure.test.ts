import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { SearchIndex } from '../search/index.ts';
import { Measurement, ndcgAt10, summarize } from './measure.ts';
import { type QuestionSet, readQuestionSet } from './question-set.ts';

const SET: QuestionSet = {
  docs: [
    { id: 'hats', text: 'A hard hat is replaced after five years.' },
    { id: 'oil', text: 'Oil is changed every 1000 hours.' },
  ],
  qs: [{ id: 'q', text: 'When is a hard hat replaced?', answer: 'five years' }],
  qr: { q: { hats: 1 } },
};

describe('the evaluation', () => {
  test('counts a question that is found and answered, and one whose answer is taken away', () => {
    const index = new SearchIndex(1);
    for (const { id, text } of SET.docs) {
      const passage = {
        ordinal: 0,
        page: 1,
        pageLabel: null,
        heading: '',
        kind: 'prose' as const,
        content: text,
      };
      index.put({ documentId: id, title: '', fileName: '', mediaType: '' }, [passage]);
    }
    const [question] = SET.qs;
    assert.ok(question);
    const outcome = new Measurement(index, SET).ask({ ...question, vector: new Float32Array(1) }, undefined);
    const { ndcg10, recall5, first, firstThree, refused, refusedWithout } = summarize([outcome]);
    assert.deepEqual([ndcg10, recall5, first, firstThree, refused, refusedWithout], [1, 1, 1, 1, 0, 1]);
  });

  test('discounts by place', () => {
    assert.equal(ndcgAt10(['a', 'b'], { a: 1 }), 1);
    assert.ok(Math.abs(ndcgAt10(['b', 'a'], { a: 1 }) - 1 / Math.log2(3)) < 1e-12);
    assert.equal(ndcgAt10(['b'], { a: 1 }), 0);
  });

  test('names what is wrong with a set', (t) => {
    const dir = mkdtempSync(join(tmpdir(), 'tier0-test-'));
    t.after(() => rmSync(dir, { recursive: true }));
    const file = join(dir, 'set.json');
    const refuse = (text: string, wanted: RegExp) => {
      writeFileSync(file, text);
      assert.throws(() => readQuestionSet(file), wanted);
    };
    assert.throws(() => readQuestionSet(join(dir, 'none.json')), /cannot read .*none\.json/);
    refuse('{', /cannot read/);
    refuse('{"docs": []}', /is no set of \{docs, qs, qr\}/);
    refuse(JSON.stringify({ ...SET, qr: {} }), /no document that it answers question q/);
    refuse(JSON.stringify({ ...SET, qr: { q: { other: 1 } } }), /names other, which is no document/);
  });
});
