import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Heartbeat, SeenHeartbeat } from '../lib/cluster.ts';
import { PeerWatch } from './peer-watch.ts';

function beat(
  seq: number,
  seenMs: number,
  state: 'primary' | 'unreachable' | 'standby' = 'primary',
): SeenHeartbeat {
  const heartbeat: Heartbeat = {
    region: 'region1',
    seq,
    sentAt: '2026-11-23T00:00:00.000Z',
    postgres: { state, timeline: 1, lsn: '0/1', gate: 'open' },
    replication: null,
    canaryMs: 1,
    canarySilentMs: null,
    doing: null,
    redis: null,
    processes: null,
  };
  return { heartbeat, seenMs };
}

test('silence grows while the heartbeat stands still and the observer is awake', () => {
  const watch = new PeerWatch(0);
  watch.look(0, 0, beat(1, 0), false);
  const last = beat(2, 100);
  for (let nowMs = 100; nowMs <= 1_500; nowMs += 100) watch.look(nowMs, nowMs, last, false);
  assert.equal(watch.look(1_600, 1_600, last, false).silentMs, 1_500);
});

test('an observer that was paused, or that etcd did not answer, starts counting afresh', () => {
  const watch = new PeerWatch(0);
  const last = beat(1, 0);
  watch.look(0, 0, last, false);
  assert.equal(watch.look(5_000, 5_000, last, false).silentMs, 0);
  assert.equal(watch.look(5_100, 5_100, last, false).silentMs, 100);
  assert.equal(watch.look(5_200, 4_500, last, false).silentMs, 0);
});

test('what an earlier life of the peer left in etcd says nothing about this one', () => {
  const watch = new PeerWatch(0);
  const stale = beat(900, 0);
  for (let nowMs = 0; nowMs <= 10_000; nowMs += 100) {
    const view = watch.look(nowMs, nowMs, stale, false);
    assert.equal(view.postgres, null);
    assert.equal(view.expectedUp, false);
  }
  assert.equal(watch.look(10_100, 10_100, beat(0, 10_100, 'standby'), false).expectedUp, false);
  assert.equal(watch.look(10_200, 10_200, beat(1, 10_200), false).expectedUp, true);
});

test('a peer that never comes up is expected after the grace, so that its standby may take over', () => {
  const watch = new PeerWatch(0);
  for (let nowMs = 0; nowMs <= 15_000; nowMs += 100) watch.look(nowMs, nowMs, undefined, true);
  assert.equal(watch.look(15_100, 15_100, undefined, true).expectedUp, true);
});

test('unreachable is counted from when its agent first says so, and ends when it says otherwise', () => {
  const watch = new PeerWatch(0);
  watch.look(0, 0, beat(0, 0), false);
  watch.look(100, 100, beat(1, 100), false);
  watch.look(200, 200, beat(2, 200, 'unreachable'), false);
  watch.look(400, 400, beat(3, 400, 'unreachable'), false);
  assert.equal(watch.look(700, 700, beat(4, 700, 'unreachable'), false).unreachableMs, 500);
  assert.equal(watch.look(800, 800, beat(5, 800), false).unreachableMs, 0);
});
