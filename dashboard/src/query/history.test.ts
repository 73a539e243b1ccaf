import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HISTORY_MAX, type HistoryEntry, readHistory, withEntry } from './history.ts';

const entry = (question: string): HistoryEntry => ({
  question,
  source: null,
  answer: {
    answer: question,
    type: 'documents',
    routing_method: 'rules',
    routing_reason: '',
    searched: [],
    citations: [],
    data: null,
    confidence: 1,
    synthesized: false,
    refused: false,
    suggestions: [],
    provider: 'local',
    query_time_ms: 1,
  },
});

test('the history holds the newest questions, each once', () => {
  let entries: HistoryEntry[] = [];
  for (let n = 0; n < HISTORY_MAX + 5; n++) entries = withEntry(entries, entry(`question ${n}`));
  entries = withEntry(entries, entry('question 10'));
  assert.equal(entries.length, HISTORY_MAX);
  assert.equal(entries[0]?.question, 'question 10');
  assert.equal(entries.filter(({ question }) => question === 'question 10').length, 1);
});

test('what is kept and cannot be understood is no history', () => {
  assert.deepEqual(readHistory('{'), []);
  assert.deepEqual(readHistory('[1, {"question": 3}]'), []);
  assert.deepEqual(readHistory(JSON.stringify([entry('a')])), [entry('a')]);
});
