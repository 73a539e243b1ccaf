import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { pino } from 'pino';
import { LocalEmbedder } from './local.ts';
import { Pieces } from './pieces.ts';

const { signal } = new AbortController();
const dot = (a: Float32Array, b: Float32Array): number =>
  a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0);

describe('the sentence encoder', () => {
  const embedder = new LocalEmbedder(pino({ level: 'silent' }));
  after(() => embedder.close());

  test('puts what means the same nearer than what does not, in vectors of unit length', async () => {
    const [age, years, turbine, empty] = await embedder.embed(
      ['How old are you?', 'What is your age?', 'The turbine vibrates', '  '],
      'query',
      signal,
    );
    assert.ok(age && years && turbine && empty);
    assert.ok(dot(age, years) > 0.7 && dot(age, turbine) < 0.3);
    for (const vector of [age, years, turbine]) assert.ok(Math.abs(dot(vector, vector) - 1) < 1e-4);
    assert.equal(dot(empty, empty), 0);
  });

  test('answers a question before the passages that came earlier', async () => {
    const done: string[] = [];
    const passages = embedder.embed(Array(24).fill('A passage about valves and pumps.'), 'passage', signal);
    const question = embedder.embed(['What is a valve?'], 'query', signal);
    await Promise.all([
      passages.then(() => done.push('passages')),
      question.then(() => done.push('question')),
    ]);
    assert.deepEqual(done, ['question', 'passages']);
  });

  test('rejects what is aborted, and what comes after it is closed', async () => {
    await assert.rejects(embedder.embed(['x'], 'query', AbortSignal.abort(new Error('gone'))), /gone/);
    const closed = new LocalEmbedder(pino({ level: 'silent' }));
    await closed.close();
    await assert.rejects(closed.embed(['x'], 'query', signal), { code: 'unavailable' });
  });
});

describe('pieces', () => {
  const reserved: [string, number][] = ['�', '<s>', '</s>', 'a1', 'a2', 'a3'].map((piece) => [piece, 0]);
  const pieces = new Pieces([...reserved, ['▁valve', -2], ['▁', -4], ['val', -3], ['ve', -3], ['s', -1]]);

  test('are the likeliest cut; neighbouring unknown symbols are one', () => {
    assert.deepEqual(pieces.encode('valves', 10), [6, 10]);
    assert.deepEqual(pieces.encode('valve 日本', 10), [6, 7, 0]);
    assert.deepEqual(pieces.encode('  ', 10), []);
    assert.deepEqual(pieces.encode('valves valves', 3), [6, 10, 6]);
  });
});
