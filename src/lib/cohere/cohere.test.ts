import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { monotonicMs } from '../clock.ts';
import { Breaker } from './breaker.ts';
import { Cohere } from './cohere.ts';
import { CohereFailure, type CohereReason } from './failure.ts';
import { unsupportedNumbers } from './numbers.ts';
import { CohereStandIn, type Fault, PHOTO_WORDS } from './stand-in.fixture.ts';

const KEY = 'a-key-of-the-tests-only';
const TIMEOUT_MS = 1_000;
const { signal } = new AbortController();
const standIn = new CohereStandIn();
let url = '';
before(async () => {
  url = await standIn.start();
});
after(() => standIn.stop());
afterEach(() => {
  standIn.fault = { kind: 'none' };
  standIn.calls.length = 0;
});

const client = (baseUrl = url): Cohere => new Cohere({ apiKey: KEY, baseUrl, timeoutMs: TIMEOUT_MS });
const DOCUMENTS = [
  { id: '0', title: 'Handbook', text: 'A hard hat is replaced after five years. Vests are washed.' },
  { id: '1', title: 'Notes', text: 'Oil is changed every 1,000 hours.' },
];

/** The reason of a failure, and how long it took. */
async function failure(
  work: Promise<unknown>,
): Promise<{ reason: CohereReason; message: string; ms: number }> {
  const startedMs = monotonicMs();
  try {
    await work;
  } catch (error) {
    if (!(error instanceof CohereFailure)) throw error;
    return { reason: error.reason, message: error.message, ms: monotonicMs() - startedMs };
  }
  throw new Error('it did not fail');
}

describe('Cohere', () => {
  test('embeds into unit vectors of its own space', async () => {
    const cohere = client();
    const [a, b, c] = await cohere.embed(
      ['the hard hat', 'the hard hat', 'an oil change'],
      'passage',
      signal,
    );
    assert.ok(a && b && c);
    assert.equal(a.length, 1_024);
    assert.deepEqual(a, b);
    assert.ok(Math.abs(Math.hypot(...c) - 1) < 1e-5);
    assert.equal(cohere.model, 'cohere-embed-english-v3.0');
    assert.deepEqual([...standIn.keys], [`Bearer ${KEY}`]);
  });

  test('describes a photo, and puts photos and words into one space', async () => {
    const cohere = client();
    const jpeg = Buffer.from([0xff, 0xd8, 0xff, 0xd9]);
    assert.equal(await cohere.describePhoto(jpeg, signal), PHOTO_WORDS);
    const [photo, more] = await cohere.embedImages([jpeg, jpeg], signal);
    const near = await cohere.embedForImages('a worker at a pump', signal);
    const far = await cohere.embedForImages('quarterly dividends', signal);
    assert.ok(photo && more);
    const dot = (other: Float32Array): number =>
      photo.reduce((sum, one, at) => sum + one * (other[at] ?? 0), 0);
    assert.ok(dot(near) > dot(far));
    for (const kind of ['garbage', 'status'] as const) {
      standIn.fault = kind === 'garbage' ? { kind, body: '{"message":{}}' } : { kind, status: 401 };
      const reason = kind === 'garbage' ? 'garbage' : 'refused';
      assert.equal((await failure(cohere.describePhoto(jpeg, signal))).reason, reason);
    }
  });

  test('embeds many texts in several calls', async () => {
    assert.equal((await client().embed(Array(200).fill('x y'), 'passage', signal)).length, 200);
    assert.equal(standIn.calls.length, 3);
  });

  test('ranks documents', async () => {
    const ranked = await client().rerank(
      'how often is oil changed',
      DOCUMENTS.map(({ text }) => text),
      2,
      signal,
    );
    assert.equal(ranked[0]?.index, 1);
  });

  test('tells an answer word by word, with what it rests on', async () => {
    const told: string[] = [];
    const answer = await client().chat('When is a hard hat replaced?', DOCUMENTS, signal, (text) =>
      told.push(text),
    );
    assert.equal(answer.text, 'A hard hat is replaced after five years.');
    assert.equal(told.join(''), answer.text);
    assert.ok(told.length > 1);
    assert.deepEqual(answer.citations, [{ start: 0, end: answer.text.length, documentIds: ['0'] }]);
  });
});

describe('a failure has its reason, within the deadline, and never the key', () => {
  const FAULTS: readonly (readonly [Fault, CohereReason, calls: number])[] = [
    [{ kind: 'status', status: 401 }, 'refused', 1],
    [{ kind: 'status', status: 429 }, 'rate_limited', 2],
    [{ kind: 'status', status: 500 }, 'server_error', 2],
    [{ kind: 'status', status: 503 }, 'server_error', 2],
    [{ kind: 'hang' }, 'timeout', 1],
    [{ kind: 'slow', delayMs: 5_000 }, 'timeout', 1],
    [{ kind: 'garbage', body: '<html>nothing of the kind</html>' }, 'garbage', 1],
    [{ kind: 'garbage', body: '{"embeddings":{"float":[[1,2,3]]}}' }, 'garbage', 1],
    [{ kind: 'garbage', body: '{}' }, 'garbage', 1],
  ];
  for (const [fault, wanted, calls] of FAULTS) {
    test(`${JSON.stringify(fault)}: ${wanted}`, async () => {
      standIn.fault = fault;
      const { reason, message, ms } = await failure(client().embed(['x'], 'query', signal));
      assert.equal(reason, wanted);
      assert.equal(standIn.calls.length, calls);
      assert.ok(ms < TIMEOUT_MS + 500, `${ms}`);
      assert.ok(!message.includes(KEY));
    });
  }

  test('a port that nobody listens on: unreachable', async () => {
    assert.equal(
      (await failure(client('http://127.0.0.1:9').embed(['x'], 'query', signal))).reason,
      'unreachable',
    );
  });

  for (const afterEvents of [0, 1, 3, 5]) {
    test(`a stream that dies after ${afterEvents} events: no answer`, async () => {
      standIn.fault = { kind: 'cut', afterEvents };
      const { reason } = await failure(client().chat('When is a hat replaced?', DOCUMENTS, signal, () => {}));
      assert.ok(reason === 'cut_off' || (afterEvents === 0 && reason === 'unreachable'), reason);
    });
  }

  test('who asked is gone: its own reason, and the service is not blamed', async () => {
    standIn.fault = { kind: 'hang' };
    const cohere = client();
    for (let time = 0; time < 4; time++) {
      const abort = new AbortController();
      const asking = cohere.embed(['x'], 'query', abort.signal);
      setTimeout(() => abort.abort(new Error('gone')), 20);
      await assert.rejects(asking, /gone/);
    }
    assert.equal(cohere.breaker, 'closed');
  });
});

describe('the breaker', () => {
  test('asks no more after failures in a row', async () => {
    standIn.fault = { kind: 'status', status: 401 };
    const cohere = client();
    for (let time = 0; time < 3; time++) await failure(cohere.embed(['x'], 'query', signal));
    const before = standIn.calls.length;
    assert.equal((await failure(cohere.embed(['x'], 'query', signal))).reason, 'breaker_open');
    assert.deepEqual([cohere.breaker, standIn.calls.length], ['open', before]);
  });

  test('lets one try pass after a while; its outcome decides', () => {
    const breaker = new Breaker();
    for (let time = 0; time < 3; time++) {
      assert.ok(breaker.admits(0));
      breaker.failed(0);
    }
    assert.deepEqual([breaker.state(29_999), breaker.admits(29_999)], ['open', false]);
    assert.equal(breaker.state(30_000), 'half-open');
    assert.deepEqual([breaker.admits(30_000), breaker.admits(30_001)], [true, false]);
    breaker.failed(30_100);
    assert.equal(breaker.state(30_200), 'open');
    assert.ok(breaker.admits(60_100));
    breaker.succeeded();
    assert.deepEqual([breaker.state(60_100), breaker.admits(60_100)], ['closed', true]);
  });
});

describe('figures', () => {
  test('that stand in no passage are found, whatever their separators', () => {
    const passages = ['There were 1,234 events in 2024 (3.5 %).'];
    assert.deepEqual(unsupportedNumbers('In 2024 there were 1234 events, 3.5 % [1].', passages), []);
    assert.deepEqual(unsupportedNumbers('In 2023 there were 38.', passages), ['2023', '38']);
  });
});
