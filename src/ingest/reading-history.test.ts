/** What the parser remembers of a device from one reading to the next: its context and its newest timestamp. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Batch } from './batch.ts';
import type { ReadingParser } from './reading.ts';
import {
  NOW_MS,
  OGD_TOPIC,
  type SampleReading,
  sampleParser,
  sampleReading,
  turbineReading,
  turbineTopic,
} from './sample-readings.ts';

function add(reading: SampleReading, topic: string, batch: Batch, parser: ReadingParser): void {
  assert.equal(parser.add(batch, topic, JSON.stringify(reading), NOW_MS + 60_000), null);
}

const status = (change: object): SampleReading => ({ status: { state: 'OK', code: 'C', ...change } });
const ogd = (): SampleReading =>
  sampleReading({
    device_id: 'OGD-00001',
    device_type: 'ogd',
    site_id: 'TX-EAGLE',
    metrics: { rssi_dbm: -72 },
  });

describe('contexts', () => {
  const parse = (
    parser: ReadingParser,
    batch: Batch,
    no: number,
    seconds: number,
    changes: SampleReading,
  ): bigint => {
    const row = batch.rows;
    add(turbineReading(no, seconds, changes), turbineTopic(no), batch, parser);
    return batch.context[row] ?? 0n;
  };

  it('are sent once and shared by devices that say the same', () => {
    const parser = sampleParser();
    const batch = new Batch(10);
    const first = parse(parser, batch, 1, 0, {});
    assert.equal(parse(parser, batch, 2, 0, {}), first);
    assert.equal(parse(parser, batch, 1, 1, {}), first);
    assert.deepEqual([...batch.contexts.keys()], [first]);
    const body = batch.contexts.get(first)?.body ?? '';
    assert.deepEqual(JSON.parse(body), {
      firmware: '3.2.1',
      code: 'TURB-OK',
      message: 'Nominal',
      location: { lat: 43.4231, lon: -106.3148 },
      tags: { loop: 'A1', vendor: 'HanTech' },
    });
  });

  it('are sent with every batch until one of them is committed', () => {
    const parser = sampleParser();
    const [first, second, third] = [new Batch(1), new Batch(1), new Batch(1)];
    parse(parser, first, 1, 0, {});
    parse(parser, second, 1, 1, {});
    assert.deepEqual([first.contexts.size, second.contexts.size], [1, 1]);
    parser.contextsStored(first);
    parse(parser, third, 1, 2, {});
    assert.equal(third.contexts.size, 0);
    assert.equal(third.context[0], first.context[0]);
  });

  it('are sent again when told to forget what is stored', () => {
    const parser = sampleParser();
    const [first, second] = [new Batch(1), new Batch(1)];
    parse(parser, first, 1, 0, {});
    parser.contextsStored(first);
    parser.forgetStoredContexts();
    parse(parser, second, 1, 1, {});
    assert.equal(second.contexts.size, 1);
  });

  it('that changed while another batch was under way are not taken for stored', () => {
    const parser = sampleParser();
    const [first, second, third] = [new Batch(1), new Batch(1), new Batch(1)];
    parse(parser, first, 1, 0, { firmware: '1' });
    const changed = parse(parser, second, 1, 1, { firmware: '2' });
    parser.contextsStored(first);
    parse(parser, third, 1, 2, { firmware: '2' });
    assert.deepEqual([...third.contexts.keys()], [changed]);
  });

  it('do not depend on the order of tags', () => {
    const parser = sampleParser();
    const batch = new Batch(10);
    const first = parse(parser, batch, 1, 0, { tags: { a: '1', b: '2' } });
    assert.equal(parse(parser, batch, 1, 1, { tags: { b: '2', a: '1' } }), first);
    assert.equal(parse(parser, batch, 2, 1, { tags: { b: '2', a: '1' } }), first);
  });

  const differing: SampleReading[] = [
    { firmware: '3.2.2' },
    { firmware: undefined },
    { status: { state: 'OK', code: 'OTHER', message: 'Nominal' } },
    { status: { state: 'OK', code: 'TURB-OK' } },
    { location: undefined },
    { location: { lat: 43.4231, lon: 106.3148 } },
    { tags: undefined },
    { tags: {} },
    { tags: { vendor: 'HanTech' } },
    { tags: { vendor: 'HanTech', loop: 'A2' } },
    { tags: { vendor: 'HanTech', loop: 'A1', more: 'x' } },
    { tags: { vendor: 'HanTech', pool: 'A1' } },
  ];
  for (const changes of differing) {
    it(`tell apart ${JSON.stringify(changes)} and back`, () => {
      const parser = sampleParser();
      const batch = new Batch(10);
      const before = parse(parser, batch, 1, 0, {});
      const changed = parse(parser, batch, 1, 1, changes);
      assert.notEqual(changed, before);
      assert.equal(parse(parser, batch, 1, 2, {}), before);
      assert.deepEqual([...batch.contexts.keys()], [before, changed]);
    });
  }

  it('do not change with the state', () => {
    const parser = sampleParser();
    const batch = new Batch(10);
    const calm = parse(parser, batch, 1, 0, {});
    assert.equal(
      parse(parser, batch, 1, 1, status({ state: 'WARN', code: 'TURB-OK', message: 'Nominal' })),
      calm,
    );
  });
});

describe('suspect rows', () => {
  it('are those not newer than what was seen of the device', () => {
    const parser = sampleParser();
    const batch = new Batch(10);
    const order: readonly [no: number, seconds: number, suspect: number][] = [
      [1, 10, 0],
      [1, 10, 1],
      [1, 9, 1],
      [2, 9, 0],
      [1, 11, 0],
      [1, 10.5, 1],
      [2, 10, 0],
    ];
    for (const [no, seconds] of order) add(turbineReading(no, seconds), turbineTopic(no), batch, parser);
    assert.deepEqual(
      [...batch.suspect.subarray(0, batch.rows)],
      order.map(([, , suspect]) => suspect),
    );
    assert.equal(batch.suspects, 3);
  });

  it('are known over batches, and for devices registered later', () => {
    const parser = sampleParser();
    const [first, second] = [new Batch(2), new Batch(2)];
    add(turbineReading(1, 0), turbineTopic(1), first, parser);
    add(ogd(), OGD_TOPIC, first, parser);
    add(turbineReading(1, 0), turbineTopic(1), second, parser);
    add(ogd(), OGD_TOPIC, second, parser);
    assert.deepEqual([first.suspects, second.suspects], [0, 2]);
  });
});
