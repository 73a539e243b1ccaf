import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatAsk, MAX_QUESTION_CHARS, parseAsk } from './query-address.ts';

test('a question, its source and a citation stand in the address and come back from it', () => {
  const query = { question: 'How many? 100 % & more', source: 'logs', cite: 2 } as const;
  assert.deepEqual(parseAsk(formatAsk(query)), { query, ignored: [] });
});

test('what the address says wrongly is named and left out', () => {
  const long = 'x'.repeat(MAX_QUESTION_CHARS + 1);
  const { query, ignored } = parseAsk(`q=${long}&source=oracle&cite=0`);
  assert.deepEqual(query, { question: null, source: null, cite: null });
  assert.equal(ignored.length, 3);
});
