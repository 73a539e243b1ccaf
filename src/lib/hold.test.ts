import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import { Hold, type Step, type Ticket } from './hold.ts';

const bounds = {
  windowMs: 5_000,
  maxItems: 3,
  maxBytes: 100,
  maxFailoverMs: 20_000,
  minBetweenFailoversMs: 250,
  drainConcurrency: 2,
  maxInFlight: 3,
};

let hold: Hold<string>;
/** Released and not ended: its ticket and generation. */
let running: Map<string, { ticket: Ticket<string>; generation: number }>;
let trace: string[];

beforeEach(() => {
  hold = new Hold(bounds, 0);
  running = new Map();
  trace = [];
});

/** Takes note of steps: `+a` released, `?a` released as a probe, `-a size` refused. */
function take(steps: readonly Step<string>[]): void {
  for (const step of steps) {
    const { ticket } = step;
    if (step.kind === 'refuse') trace.push(`-${ticket.work} ${step.reason}`);
    else {
      running.set(ticket.work, { ticket, generation: step.generation });
      trace.push(`${step.probe ? '?' : '+'}${ticket.work}`);
    }
  }
}

/** What happened since the last call. */
const seen = (): string[] => trace.splice(0);

const add = (work: string, nowMs: number, bytes = 1): void => take(hold.add(work, bytes, nowMs));
const leader = (present: boolean, nowMs: number): void => take(hold.leaderChanged(present, nowMs));
const tick = (nowMs: number): void => take(hold.tick(nowMs));

function ended(work: string, how: 'proven' | 'done' | 'failed', nowMs: number): void {
  const { ticket, generation } = running.get(work) ?? assert.fail(`${work} is not running`);
  if (how === 'proven') take(hold.proven(generation, nowMs));
  else if (how === 'done') take(hold.done(generation, nowMs));
  else take(hold.failed(ticket, generation, nowMs));
}

/** A leader that has served since long ago. */
function serve(nowMs: number): void {
  leader(true, nowMs);
  add('first', nowMs);
  ended('first', 'proven', nowMs);
  ended('first', 'done', nowMs);
  assert.equal(hold.phase, 'serving');
  seen();
}

describe('without a leader work is held', () => {
  it('and goes in the order of its arrival when there is one: a probe, then the rest', () => {
    for (const work of ['a', 'b', 'c']) add(work, 10);
    assert.deepEqual(seen(), []);
    leader(true, 600);
    assert.deepEqual(seen(), ['?a']);
    ended('a', 'proven', 605);
    assert.deepEqual(seen(), ['+b']);
    ended('a', 'done', 606);
    assert.deepEqual(seen(), ['+c']);
    assert.equal(hold.phase, 'serving');
    assert.deepEqual([hold.counters.held, hold.waiting, hold.waitingBytes], [3, 0, 0]);
  });

  it('and a probe that fails is repeated after 10, 20 and then every 50 ms', () => {
    add('a', 0);
    leader(true, 100);
    let nowMs = 100;
    for (const pauseMs of [10, 20, 40, 50, 50]) {
      ended('a', 'failed', nowMs);
      assert.equal(hold.nextTickMs, nowMs + pauseMs);
      tick(nowMs + pauseMs - 1);
      seen();
      nowMs += pauseMs;
      tick(nowMs);
      assert.deepEqual(seen(), ['?a']);
    }
  });

  it('and another leader is tried at once, whatever the backoff', () => {
    add('a', 0);
    leader(true, 100);
    ended('a', 'failed', 100);
    leader(true, 101);
    assert.deepEqual(seen(), ['?a', '?a']);
  });
});

describe('while a leader serves', () => {
  beforeEach(() => serve(0));

  it('work waits only for a free connection, and does not count as held', () => {
    for (const work of ['a', 'b', 'c', 'd']) add(work, 1_000);
    assert.deepEqual(seen(), ['+a', '+b', '+c']);
    ended('b', 'done', 1_001);
    assert.deepEqual(seen(), ['+d']);
    assert.equal(hold.counters.held, 0);
  });

  it('a failed connection is a pause: the work keeps its place before what came later', () => {
    add('a', 1_000);
    add('b', 1_000);
    ended('b', 'failed', 1_000);
    add('c', 1_001);
    ended('a', 'failed', 1_002);
    seen();
    tick(1_010);
    assert.deepEqual(seen(), ['?a']);
    ended('a', 'proven', 1_011);
    assert.deepEqual(seen(), ['+b']);
    ended('a', 'done', 1_012);
    assert.deepEqual(seen(), ['+c']);
    assert.equal(hold.counters.failedOver, 2);
  });

  it('what an earlier leader was given does not count against the new one', () => {
    add('a', 1_000);
    leader(false, 1_001);
    leader(true, 1_300);
    add('b', 1_300);
    ended('b', 'proven', 1_301);
    ended('b', 'done', 1_301);
    ended('a', 'failed', 1_302);
    assert.equal(hold.phase, 'serving');
    assert.deepEqual(seen(), ['+a', '?b', '+a']);
  });
});

describe('window', () => {
  it('work is refused when it has waited 5 s', () => {
    add('a', 0);
    add('b', 2_000);
    assert.equal(hold.nextTickMs, 5_000);
    tick(4_999);
    assert.deepEqual(seen(), []);
    tick(5_000);
    assert.deepEqual(seen(), ['-a window']);
    assert.equal(hold.nextTickMs, 7_000);
  });

  it('counts from the arrival, however often the work is tried', () => {
    serve(0);
    add('a', 1_000);
    ended('a', 'failed', 5_999);
    tick(6_000);
    assert.deepEqual(seen(), ['+a', '-a window']);
  });

  it('bounds the wait for a free connection too', () => {
    serve(0);
    for (const work of ['a', 'b', 'c', 'd']) add(work, 1_000);
    tick(6_000);
    assert.deepEqual(seen(), ['+a', '+b', '+c', '-d window']);
  });
});

describe('size', () => {
  it('by number: the oldest makes room', () => {
    for (const work of ['a', 'b', 'c', 'd']) add(work, 0);
    assert.deepEqual(seen(), ['-a size']);
    assert.equal(hold.waiting, 3);
  });

  it('by bytes: as many of the oldest as are needed make room', () => {
    add('a', 0, 40);
    add('b', 0, 40);
    add('c', 0, 90);
    assert.deepEqual(seen(), ['-a size', '-b size']);
    assert.equal(hold.waitingBytes, 90);
  });

  it('work larger than the bound is refused and displaces nobody', () => {
    add('a', 0, 40);
    add('b', 0, 101);
    assert.deepEqual(seen(), ['-b size']);
    assert.equal(hold.waiting, 1);
  });
});

describe('maximum failover duration', () => {
  it('after 20 s all that is held is refused, and what comes at once, until there is a leader', () => {
    leader(false, 0);
    add('a', 19_000);
    tick(19_999);
    assert.deepEqual(seen(), []);
    tick(20_000);
    assert.deepEqual(seen(), ['-a duration']);
    add('b', 21_000);
    assert.deepEqual(seen(), ['-b duration']);
    leader(true, 30_000);
    add('c', 30_001);
    assert.deepEqual(seen(), ['?c']);
  });

  it('with a leader on record that nobody reaches, one piece of work at a time asks whether it is back', () => {
    leader(true, 0);
    add('a', 0);
    add('b', 19_000);
    tick(20_000);
    assert.deepEqual(seen(), ['?a', '-b duration']);
    add('c', 20_001);
    assert.deepEqual(seen(), ['-c duration']);
    ended('a', 'failed', 20_002);
    assert.deepEqual(seen(), ['-a duration']);
    add('d', 20_100);
    add('e', 20_100);
    assert.deepEqual(seen(), ['?d', '-e duration']);
    ended('d', 'failed', 20_101);
    assert.deepEqual(seen(), ['-d duration']);
    add('f', 20_102);
    ended('f', 'proven', 20_103);
    assert.equal(hold.phase, 'serving');
  });

  it('is not counted while nobody asks: a failure of long ago is not an outage', () => {
    serve(0);
    add('a', 1_000);
    ended('a', 'failed', 1_000);
    tick(6_000);
    tick(7_000);
    seen();
    add('b', 60_000);
    assert.equal(hold.phase, 'probing');
    ended('b', 'failed', 60_001);
    assert.equal(hold.phase, 'holding');
  });
});

describe('minimum time between failovers', () => {
  beforeEach(() => serve(1_000));

  it('a leader lost again within 250 ms is not held for', () => {
    leader(false, 1_249);
    add('a', 1_250);
    assert.deepEqual(seen(), ['-a flapping']);
    leader(true, 1_300);
    add('b', 1_300);
    assert.deepEqual(seen(), ['?b']);
  });

  it('later it is', () => {
    leader(false, 1_250);
    add('a', 1_251);
    leader(true, 1_500);
    assert.deepEqual(seen(), ['?a']);
  });

  it('a connection that fails within it is the tail of the last failover, and held', () => {
    add('a', 1_100);
    ended('a', 'failed', 1_100);
    tick(1_110);
    assert.deepEqual(seen(), ['+a', '?a']);
  });
});

describe('drain concurrency', () => {
  it('held work goes two at a time, and only then do as many as there are connections', () => {
    hold = new Hold({ ...bounds, maxItems: 10 }, 0);
    for (const work of ['a', 'b', 'c', 'd', 'e']) add(work, 0);
    leader(true, 100);
    ended('a', 'proven', 101);
    add('new', 101);
    assert.deepEqual(seen(), ['?a', '+b']);
    ended('a', 'done', 102);
    ended('b', 'done', 102);
    assert.deepEqual(seen(), ['+c', '+d']);
    ended('c', 'done', 103);
    assert.deepEqual(seen(), ['+e', '+new']);
    assert.equal(hold.phase, 'serving');
  });
});

it('closed, it refuses what waits, what comes, and what fails afterwards', () => {
  serve(0);
  add('a', 1_000);
  ended('a', 'failed', 1_000);
  add('b', 1_001);
  tick(1_010);
  take(hold.close());
  ended('a', 'failed', 1_011);
  add('c', 1_012);
  assert.deepEqual(seen().slice(-3), ['-b closed', '-a closed', '-c closed']);
});
