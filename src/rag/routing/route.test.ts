import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { HELD_OUT, KNOWN, type Routed } from './questions.fixture.ts';
import { route } from './route.ts';

const wrong = (questions: readonly Routed[]): string[] =>
  questions.flatMap(([question, ...sources]) => {
    const actual = route(question);
    const same = [...actual.sources].sort().join() === [...sources].sort().join();
    return same
      ? []
      : [`${question}: ${actual.sources.join()} instead of ${sources.join()} (${actual.reason})`];
  });

describe('route', () => {
  test('the questions that people ask go to the sources that can answer them', () => {
    assert.deepEqual(wrong(KNOWN), []);
  });

  test('nine in ten of the questions that the rules were not made from go where they should', () => {
    const missed = wrong(HELD_OUT);
    assert.ok(missed.length <= HELD_OUT.length / 10, missed.join('\n'));
  });

  test('the reason quotes the words that decided, in one sentence', () => {
    const { method, reason } = route('Which IP addresses are generating the most errors?');
    assert.equal(method, 'rules');
    assert.equal(reason, "'IP addresses' and 'errors' point to the access log.");
  });

  test('what no word decides goes to the documents, and to the live fleet when a site or a device is named', () => {
    const { sources, method, reason } = route('What is the capital of France?');
    assert.deepEqual({ sources, method }, { sources: ['documents'], method: 'fallback' });
    assert.match(reason, /documents are searched/);
    assert.deepEqual(route('Tell me about TX-EAGLE').sources, ['documents', 'telemetry']);
  });

  test('the title of a document points to the documents', () => {
    const facts = { documentTitles: ['Turbine T-90 Overhaul'] };
    const question = 'Which devices does Turbine T-90 Overhaul mention?';
    assert.deepEqual(route(question).sources, ['telemetry']);
    assert.equal(route(question, facts).sources[0], 'documents');
  });

  test('a question as long as the API takes it is routed in a moment', () => {
    for (const text of [
      'what does '.repeat(200),
      'people '.repeat(285),
      'turbines '.repeat(222),
      '1.'.repeat(1_000),
    ]) {
      const started = process.cpuUsage();
      route(text);
      assert.ok(process.cpuUsage(started).user < 200_000, text.slice(0, 20));
    }
  });
});
