import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, it } from 'node:test';
import { Ledger, type SecondRecord } from './ledger.ts';

const RUN = randomUUID();
const second = (at: number, bad: SecondRecord['bad'] = [], run: string = RUN): SecondRecord => ({
  run,
  at,
  good: 4 - bad.length,
  bad,
});
const late = { probe: 'write', failure: 'HTTP 503', took_ms: 12 } as const;

describe('the ledger', () => {
  it('sums seconds by minute, and counts a second once however many of its probes fail', () => {
    const { minutes, failures } = Ledger.sum([
      second(118),
      second(119, [late, { ...late, probe: 'read' }]),
      second(120),
    ]);
    assert.deepEqual(minutes, [
      { run: RUN, minute: 60, observed_s: 2, bad_s: 1, good_requests: 6, bad_requests: 2, last_at: 119 },
      { run: RUN, minute: 120, observed_s: 1, bad_s: 0, good_requests: 4, bad_requests: 0, last_at: 120 },
    ]);
    assert.deepEqual(
      failures.map(({ at, probe }) => [at, probe]),
      [
        [119, 'write'],
        [119, 'read'],
      ],
    );
  });

  it('has the same second twice as one, and of two runs as two', () => {
    const ledger = new Ledger();
    for (const record of [second(60), second(60), second(60, [], randomUUID())]) ledger.add(record);
    assert.equal(ledger.seconds, 2);
    assert.equal(Ledger.sum(ledger.records()).minutes.length, 2);
  });

  it('keeps whole minutes until they are stored and over, so that one is never stored in part', () => {
    const ledger = new Ledger();
    for (let at = 0; at < 200; at++) ledger.add(second(at));
    ledger.settle(ledger.records(), RUN, 199);
    assert.equal(ledger.records()[0]?.at, 120);
    assert.deepEqual(
      Ledger.sum(ledger.records()).minutes.map(({ observed_s }) => observed_s),
      [60, 20],
    );
  });

  it('forgets what another run has left once it is stored', () => {
    const ledger = new Ledger();
    ledger.add(second(100, [], randomUUID()));
    ledger.add(second(101));
    ledger.settle(ledger.records(), RUN, 101);
    assert.deepEqual(
      ledger.records().map(({ at }) => at),
      [101],
    );
  });

  it('is stored by the hour when an outage has left much, and in whole minutes', () => {
    const ledger = new Ledger();
    for (let at = 30; at < 8_000; at++) ledger.add(second(at));
    const sizes: number[] = [];
    for (let batch = ledger.nextBatch(); sizes.length < 3; batch = ledger.nextBatch()) {
      sizes.push(batch.length);
      for (const { minute, observed_s } of Ledger.sum(batch).minutes.slice(0, -1))
        assert.ok(observed_s === 60 || minute === 0, `${minute}`);
      ledger.settle(batch, RUN, 100_000);
    }
    assert.deepEqual(sizes, [3_570, 3_600, 800]);
    assert.deepEqual(ledger.nextBatch(), []);
  });

  it('does not forget what came while it was being stored', () => {
    const ledger = new Ledger();
    ledger.add(second(10));
    const stored = ledger.records();
    ledger.add(second(11));
    ledger.settle(stored, RUN, 400);
    assert.deepEqual(
      ledger.records().map(({ at }) => at),
      [11],
    );
  });
});
