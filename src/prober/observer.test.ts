import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { wallMs } from '../lib/clock.ts';
import { eventually } from '../lib/eventually.ts';
import type { SecondRecord } from './ledger.ts';
import { Observer } from './observer.ts';

type Setup = { readonly resumes?: boolean; readonly settleS?: number };

/** An observer of one probe that answers as `answer` says; `shiftMs` moves its clock. */
function observer({ resumes = true, settleS = 3 }: Setup, answer: (call: number) => void) {
  const records: SecondRecord[] = [];
  const clock = { shiftMs: 0 };
  const back: number[] = [];
  const stop = new AbortController();
  let calls = 0;
  const observing = new Observer({
    probes: [{ name: 'read', run: async () => answer(calls++) }],
    resumes,
    settleS,
    now: () => wallMs() + clock.shiftMs,
    onOutcome: () => {},
    onSecond: (record) => records.push(record),
    onStall: () => {},
    onClockBack: (seconds) => back.push(seconds),
  });
  const done = observing.observe(stop.signal);
  const end = async (): Promise<void> => {
    stop.abort();
    await done;
  };
  const seen = (count: number): Promise<true> =>
    eventually(`${count} seconds are recorded`, 15_000, () => records.length >= count || undefined);
  return { records, clock, back, end, seen, calls: () => calls };
}

const fail = (): never => {
  throw new Error('HTTP 503');
};

describe('the observer', { concurrency: true }, () => {
  it('records each second once, good or bad', async () => {
    const { records, seen, end } = observer({}, (call) => (call === 1 ? fail() : undefined));
    await seen(3);
    await end();
    const [first, second, third] = records;
    assert.deepEqual([first?.bad.length, second?.bad.length, third?.bad.length], [0, 1, 0]);
    assert.equal(second?.bad[0]?.failure, 'HTTP 503');
    assert.equal(second?.at, (first?.at ?? 0) + 1);
    assert.equal(third?.at, (first?.at ?? 0) + 2);
  });

  it('does not count what is still starting: a probe counts once it was good for a while', async () => {
    const { records, seen, end, calls } = observer({ resumes: false, settleS: 2 }, (call) =>
      call === 0 || call === 2 ? fail() : undefined,
    );
    await seen(1);
    await end();
    // Bad, good, bad, good, good: the last one completes two in a row.
    assert.equal(calls(), 5);
    assert.deepEqual(records[0]?.bad, []);
  });

  it('counts from the first second when it takes over from one that died', async () => {
    const { records, seen, end } = observer({ resumes: true }, fail);
    await seen(1);
    await end();
    assert.equal(records[0]?.bad.length, 1);
  });

  it('begins another run where the clock goes back, and writes over nothing', async () => {
    const { records, clock, back, seen, end } = observer({}, () => {});
    await seen(2);
    clock.shiftMs = -3_600_000;
    await seen(4);
    await end();
    const runs = new Set(records.map(({ run }) => run));
    assert.equal(runs.size, 2);
    assert.ok((back[0] ?? 0) >= 3_598);
    assert.equal(new Set(records.map(({ run, at }) => `${run} ${at}`)).size, records.length);
  });

  it('has a gap where the clock goes forward: those seconds were not observed', async () => {
    const { records, clock, seen, end } = observer({}, () => {});
    await seen(1);
    clock.shiftMs = 3_600_000;
    await seen(3);
    await end();
    assert.equal(new Set(records.map(({ run }) => run)).size, 1);
    const times = records.map(({ at }) => at);
    assert.ok(Math.max(...times) - Math.min(...times) >= 3_600);
    assert.equal(records.length, new Set(times).size);
  });
});
