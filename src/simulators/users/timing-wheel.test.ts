import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from '../../lib/random.ts';
import { TimingWheel } from './timing-wheel.ts';

const TICK_MS = 50;

test('every alarm rings once, at its tick: never early, and less than a tick late, also hours away', () => {
  const random = new Random(5);
  const size = 500;
  const wheel = new TimingWheel(size, TICK_MS, 0);
  const due = Array.from({ length: size }, () => random.between(0, 3 * 3_600_000));
  for (const [id, dueMs] of due.entries()) wheel.set(id, dueMs);
  const rung = new Map<number, number>();
  for (let nowMs = 0; nowMs <= 3 * 3_600_000 + TICK_MS; nowMs += TICK_MS) {
    wheel.advance(nowMs, (id) => {
      assert.ok(!rung.has(id));
      rung.set(id, nowMs);
    });
  }
  assert.equal(rung.size, size);
  for (const [id, nowMs] of rung) {
    const lateMs = nowMs - (due[id] ?? 0);
    assert.ok(lateMs >= 0 && lateMs <= TICK_MS, `${lateMs} ms`);
  }
});

test('an alarm that is moved rings only at its new time, and one that is cleared never', () => {
  const wheel = new TimingWheel(3, TICK_MS, 1_000);
  for (const id of [0, 1, 2]) wheel.set(id, 1_100);
  wheel.set(1, 5_000);
  wheel.clear(2);
  const rung: number[] = [];
  wheel.advance(4_999, (id) => rung.push(id));
  assert.deepEqual(rung, [0]);
  wheel.advance(5_000, (id) => rung.push(id));
  wheel.advance(500_000, (id) => rung.push(id));
  assert.deepEqual(rung, [0, 1]);
});

test('an alarm that is set for the past while another rings comes at the next tick, not in a circle', () => {
  const wheel = new TimingWheel(2, TICK_MS, 0);
  wheel.set(0, 0);
  const rung: number[] = [];
  for (const nowMs of [50, 100, 150]) {
    wheel.advance(nowMs, (id) => {
      rung.push(nowMs);
      wheel.set(id, 0);
    });
  }
  assert.deepEqual(rung, [50, 100, 150]);
});

test('after a pause all that is due rings in its order, and an alarm that another one moved does not', () => {
  const wheel = new TimingWheel(3, TICK_MS, 0);
  wheel.set(2, 100);
  wheel.set(0, 5_000);
  wheel.set(1, 90_000);
  const rung: number[] = [];
  wheel.advance(120_000, (id) => {
    rung.push(id);
    if (id === 0) wheel.set(1, 900_000);
  });
  assert.deepEqual(rung, [2, 0]);
});
