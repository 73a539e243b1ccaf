/** Longer than 300 lines because all of its tests drive the same hand-made commits. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { sleep } from '../lib/clock.ts';
import { Random } from '../lib/random.ts';
import type { Batch } from './batch.ts';
import type { Outcome } from './committer.ts';
import { Pipeline, type PipelineOptions } from './pipeline.ts';
import { RecordingPublisher, timelessParser, turbineReading, turbineTopic } from './sample-readings.ts';

/** A commit under way; the test ends it when it wants. */
type Commit = {
  readonly lane: number;
  /** Rows and rejects of the batch when it was sent. */
  readonly rows: number;
  readonly rejects: readonly { reason: string; field: string | null; topic: string; payload: string }[];
  readonly finish: (duplicates?: number) => Promise<void>;
  readonly fail: (error: Error) => Promise<void>;
};

/** Lets everything run that a settled promise set off. */
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

class Setup {
  readonly commits: Commit[] = [];
  readonly backpressure: boolean[] = [];
  readonly committedRows: number[] = [];
  readonly rejected: string[] = [];
  readonly failures: unknown[] = [];
  readonly publisher = new RecordingPublisher();
  readonly pipeline: Pipeline;
  readonly #parser = timelessParser();
  #second = 0;
  #packetId = 0;

  constructor(options: Partial<PipelineOptions> = {}, lanes = 1) {
    this.pipeline = new Pipeline({
      parser: this.#parser,
      commit: Array.from({ length: lanes }, (_, lane) => (batch: Batch) => this.#commit(batch, lane)),
      payloadMaxBytes: 1_000,
      batchEagerRows: 1_000,
      batchMaxRows: 10,
      batchLingerMs: 2_000,
      inFlightMaxRows: 1_000,
      onBackpressure: (full) => this.backpressure.push(full),
      onCommitted: (batch) => this.committedRows.push(batch.rows),
      onRejected: (reason) => this.rejected.push(reason),
      onFailure: (error) => this.failures.push(error),
      ...options,
    });
  }

  #commit(batch: Batch, lane: number): Promise<Outcome> {
    return new Promise((resolve, reject) => {
      const { rows } = batch;
      this.commits.push({
        lane,
        rows,
        rejects: [...batch.rejects],
        finish: (duplicates = 0) => {
          resolve({ committed: rows - duplicates, duplicates });
          return settle();
        },
        fail: (error) => {
          reject(error);
          return settle();
        },
      });
    });
  }

  commit(index: number): Commit {
    const commit = this.commits[index];
    assert.ok(commit !== undefined, `there is no commit ${index}`);
    return commit;
  }

  /** Sends good readings; their packet ids go on from the last. */
  send(count: number, qos = 1): void {
    for (let i = 0; i < count; i++) this.#accept(turbineReading(1, this.#second++), qos);
  }

  sendBad(count: number): void {
    for (let i = 0; i < count; i++) this.#accept('not json', 1);
  }

  sendRaw(topic: string, payload: string): void {
    this.pipeline.accept(this.publisher, topic, Buffer.from(payload), ++this.#packetId, 1);
  }

  balances(): void {
    const { received, committed, duplicates, rejected } = this.pipeline.counters;
    assert.equal(received, committed + duplicates + rejected + this.pipeline.inFlight);
    assert.equal(received, this.#packetId);
  }

  #accept(reading: object | string, qos: number): void {
    const payload = Buffer.from(typeof reading === 'string' ? reading : JSON.stringify(reading));
    this.pipeline.accept(this.publisher, turbineTopic(1), payload, ++this.#packetId, qos);
    this.balances();
  }
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, i) => i + 1);

describe('batches', () => {
  it('go out full at once, while the rest waits for a lane', async () => {
    const setup = new Setup();
    setup.send(25);
    assert.deepEqual(
      setup.commits.map(({ rows }) => rows),
      [10],
    );
    await setup.commit(0).finish();
    assert.deepEqual(
      setup.commits.map(({ rows }) => rows),
      [10, 10],
    );
    await setup.commit(1).finish();
    assert.equal(setup.commits.length, 2, 'five linger');
    assert.deepEqual(setup.publisher.acknowledged, upTo(20));
    setup.balances();
    assert.equal(setup.pipeline.inFlight, 5);
  });

  it('go out after their linger when a lane is free', async () => {
    const setup = new Setup({ batchLingerMs: 1 });
    setup.send(3);
    assert.equal(setup.commits.length, 0);
    await sleep(20);
    assert.deepEqual(
      setup.commits.map(({ rows }) => rows),
      [3],
    );
    await setup.commit(0).finish();
    assert.deepEqual(setup.publisher.acknowledged, [1, 2, 3]);
    assert.equal(setup.pipeline.inFlight, 0);
  });

  it('keep collecting past their linger while no lane is free, and go out as one when it is', async () => {
    const setup = new Setup({ batchLingerMs: 1 });
    setup.send(1);
    await sleep(20);
    setup.send(2);
    await sleep(20);
    setup.send(2);
    assert.equal(setup.commits.length, 1);
    await setup.commit(0).finish();
    assert.deepEqual(
      setup.commits.map(({ rows }) => rows),
      [1, 4],
    );
  });

  it('linger anew after one has gone', async () => {
    const setup = new Setup({ batchLingerMs: 30 }, 2);
    setup.send(1);
    await sleep(60);
    setup.send(1);
    await settle();
    assert.equal(setup.commits.length, 1);
    await sleep(60);
    assert.equal(setup.commits.length, 2);
  });
});

describe('acknowledgements', () => {
  it('come after the commit and after what is told of it, never before', async () => {
    const told: number[] = [];
    const setup: Setup = new Setup({
      onCommitted: () => told.push(setup.publisher.acknowledged.length),
    });
    setup.send(10);
    await settle();
    assert.deepEqual(setup.publisher.acknowledged, []);
    await setup.commit(0).finish();
    assert.deepEqual(told, [0]);
    assert.deepEqual(setup.publisher.acknowledged, upTo(10));
    assert.equal(setup.publisher.flushes, 1, 'one write a batch');
  });

  it('keep the order of arrival when lanes finish out of order', async () => {
    const setup = new Setup({}, 3);
    setup.send(40);
    assert.equal(setup.commits.length, 3);
    await setup.commit(2).finish();
    await setup.commit(1).finish();
    assert.deepEqual(setup.publisher.acknowledged, []);
    assert.equal(setup.pipeline.counters.committed, 0);
    assert.equal(setup.pipeline.inFlight, 40);
    assert.equal(setup.commits.length, 4, 'the free lanes go on');
    await setup.commit(3).finish();
    await setup.commit(0).finish();
    assert.deepEqual(setup.publisher.acknowledged, upTo(40));
    setup.balances();
  });

  it('are not owed for QoS 0', async () => {
    const setup = new Setup();
    setup.send(9, 0);
    setup.send(1, 1);
    await setup.commit(0).finish();
    assert.deepEqual(setup.publisher.acknowledged, [10]);
    assert.equal(setup.pipeline.counters.committed, 10);
  });

  it('also go to those whose reading was stored already', async () => {
    const setup = new Setup();
    setup.send(10);
    await setup.commit(0).finish(4);
    assert.deepEqual(setup.publisher.acknowledged, upTo(10));
    assert.deepEqual(setup.pipeline.counters, { received: 10, committed: 6, duplicates: 4, rejected: 0 });
  });

  it('do not come for a batch that cannot be committed', async () => {
    const setup = new Setup();
    setup.send(10);
    const failure = new Error('a bug');
    await setup.commit(0).fail(failure);
    assert.deepEqual(setup.failures, [failure]);
    assert.deepEqual(setup.publisher.acknowledged, []);
    assert.equal(setup.pipeline.inFlight, 10);
  });
});

describe('rejects', () => {
  it('are committed and acknowledged in their place among the readings', async () => {
    const setup = new Setup();
    setup.send(4);
    setup.sendBad(2);
    setup.send(6);
    assert.deepEqual(
      setup.commit(0).rejects.map(({ reason }) => reason),
      ['malformed_json', 'malformed_json'],
    );
    assert.deepEqual(setup.rejected, ['malformed_json', 'malformed_json']);
    await setup.commit(0).finish();
    assert.deepEqual(setup.publisher.acknowledged, upTo(12));
    assert.deepEqual(setup.pipeline.counters, { received: 12, committed: 10, duplicates: 0, rejected: 2 });
  });

  it('go out on their own when they come in a flood', async () => {
    const setup = new Setup();
    setup.sendBad(2_500);
    assert.deepEqual(
      setup.commits.map(({ rejects }) => rejects.length),
      [1_000],
    );
    await setup.commit(0).finish();
    await setup.commit(1).finish();
    assert.equal(setup.publisher.acknowledged.length, 2_000);
    assert.equal(setup.pipeline.inFlight, 500);
    setup.balances();
  });

  it('also go out after the linger without any reading', async () => {
    const setup = new Setup({ batchLingerMs: 1 });
    setup.sendBad(1);
    await sleep(20);
    await setup.commit(0).finish();
    assert.deepEqual(setup.publisher.acknowledged, [1]);
  });

  it('are kept as excerpts that a PostgreSQL text can hold', async () => {
    const setup = new Setup({ batchLingerMs: 1 });
    const name = `\0${'n'.repeat(5_000)}`;
    setup.sendRaw(`a\0b${'/t'.repeat(500)}`, `\0\u{1F600}${'p'.repeat(5_000)}`);
    setup.sendRaw(turbineTopic(1), JSON.stringify(turbineReading(1, 0, { metrics: { [name]: 'x' } })));
    setup.sendRaw(turbineTopic(1), `${'x'.repeat(511)}\u{1F600}`);
    await sleep(20);
    const { rejects } = setup.commit(0);
    assert.equal(rejects.length, 3);
    for (const { field, topic, payload } of rejects) {
      for (const [text, maxChars] of [
        [field ?? '', 256],
        [topic, 256],
        [payload, 512],
      ] as const) {
        assert.ok(text.length <= maxChars, `${text.length} characters`);
        assert.ok(text.isWellFormed() && !text.includes('\0'), JSON.stringify(text.slice(0, 20)));
      }
    }
  });
});

describe('backpressure', () => {
  it('begins at the bound and ends below half of it', async () => {
    const setup = new Setup({ inFlightMaxRows: 40 }, 2);
    setup.send(39);
    assert.deepEqual(setup.backpressure, []);
    setup.send(1);
    assert.deepEqual(setup.backpressure, [true]);
    setup.send(5);
    assert.deepEqual(setup.backpressure, [true], 'what was read already is still taken');
    await setup.commit(0).finish();
    await setup.commit(1).finish();
    assert.deepEqual(setup.backpressure, [true], '25 are under way');
    await setup.commit(2).finish();
    assert.deepEqual(setup.backpressure, [true, false], '15 are under way');
    setup.balances();
  });

  it('counts rejects as well, and comes back', async () => {
    const setup = new Setup({ inFlightMaxRows: 1_000 });
    setup.sendBad(1_000);
    await setup.commit(0).finish();
    setup.sendBad(1_000);
    await setup.commit(1).finish();
    assert.deepEqual(setup.backpressure, [true, false, true, false]);
  });
});

it('the counters balance through a random course of traffic and commits', async () => {
  const random = new Random(7);
  const setup = new Setup({ inFlightMaxRows: 200, batchMaxRows: 20 }, 4);
  const open: Commit[] = [];
  let seen = 0;
  for (let step = 0; step < 600; step++) {
    if (random.float() < 0.6) setup.send(random.int(30));
    if (random.float() < 0.2) setup.sendBad(random.int(8));
    for (; seen < setup.commits.length; seen++) open.push(setup.commit(seen));
    const [next] = open.length > 0 ? open.splice(random.int(open.length), 1) : [];
    await next?.finish(random.int(next.rows + 1));
    setup.balances();
    const { acknowledged } = setup.publisher;
    assert.equal(acknowledged.at(-1) ?? 0, acknowledged.length, 'none is skipped');
  }
  assert.ok(setup.publisher.acknowledged.length > 1_000);
  assert.deepEqual(setup.publisher.acknowledged, upTo(setup.publisher.acknowledged.length));
});
