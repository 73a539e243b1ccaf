/** Longer than 300 lines because every rule of the transition table has its test here, on the same fixtures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ClusterRecord } from '../lib/cluster.ts';
import { decide } from './decide.ts';
import { CRASH_YIELD_MS, JOIN_LAG_LIMIT_BYTES, STANDBY_SILENT_LIMIT_MS } from './decide-leader.ts';
import { CANARY_SILENT_LIMIT_MS, STUCK_LIMIT_MS, UNFED_LIMIT_MS } from './decide-standby.ts';
import { LEADER_SILENT_LIMIT_MS } from './record-change.ts';
import type { Action, LocalPostgres, Observation, PeerView } from './types.ts';

type Primary = Extract<LocalPostgres, { state: 'primary' }>;
type Stopped = Extract<LocalPostgres, { state: 'stopped' }>;

const STRICT: ClusterRecord = {
  epoch: 3,
  leader: 'region1',
  syncSet: ['region2'],
  mode: 'strict',
  phase: 'serving',
  reason: 'test',
  since: '2026-11-23T00:00:00.000Z',
};
const SOLO: ClusterRecord = { ...STRICT, mode: 'solo', syncSet: [] };
const GROWING: ClusterRecord = { ...SOLO, growing: true };
const PRIMARY: Primary = {
  state: 'primary',
  timeline: 1,
  lsn: '0/1',
  waitsForPeer: true,
  settled: true,
  gate: 'open',
  prepared: true,
  slotReady: true,
  standby: { streaming: true, sync: true, lagBytes: 0, lagMs: 0, caughtUp: true },
  standbySilentMs: 0,
  checkpointedFor: null,
};
const ALONE: Primary = { ...PRIMARY, waitsForPeer: false, settled: false, standby: null };
const STANDBY: LocalPostgres = { state: 'standby', timeline: 1, lsn: '0/1', feedSilentMs: 0 };
const STOPPED: Stopped = {
  state: 'stopped',
  wasPrimary: true,
  crashed: false,
  stoppedMs: 0,
  rewindFailed: false,
};
const PEER_STANDBY: PeerView = {
  silentMs: 0,
  provenDead: false,
  postgres: 'standby',
  unreachableMs: 0,
  canarySilentMs: 0,
  expectedUp: true,
};
const PEER_LEADS: PeerView = { ...PEER_STANDBY, postgres: 'primary' };
const SWITCH = {
  id: 'a',
  kind: 'switchover',
  target: 'region2',
  requestedAt: '2026-11-23T00:00:00.000Z',
} as const;

const CHECKPOINTED: Primary = { ...PRIMARY, checkpointedFor: SWITCH.id };

/** Seen from region1, which leads in the records above. */
function leader(record: ClusterRecord, local: LocalPostgres, rest: Partial<Observation> = {}): Observation {
  return {
    self: 'region1',
    record: { kind: 'known', record, revision: 7 },
    local,
    peer: PEER_STANDBY,
    intent: null,
    paused: false,
    ...rest,
  };
}

/** Seen from region2, its standby. */
function standby(record: ClusterRecord, local: LocalPostgres, rest: Partial<Observation> = {}): Observation {
  return {
    self: 'region2',
    record: { kind: 'known', record, revision: 7 },
    local,
    peer: PEER_LEADS,
    intent: null,
    paused: false,
    ...rest,
  };
}

function actionOf(seen: Observation): Action | null {
  const decision = decide(seen);
  return decision.kind === 'act' ? decision.action : null;
}

function written(seen: Observation): Partial<ClusterRecord> {
  const action = actionOf(seen);
  assert.equal(action?.type, 'write_record');
  return action.record;
}

test('nothing is changed while etcd does not answer, whatever else is seen', () => {
  for (const local of [
    PRIMARY,
    STANDBY,
    STOPPED,
    { state: 'absent' } as const,
    { state: 'unreachable' } as const,
  ]) {
    const peer = { ...PEER_STANDBY, provenDead: true, silentMs: 1e6 };
    assert.equal(
      actionOf({ self: 'region2', record: { kind: 'unknown' }, local, peer, intent: SWITCH, paused: false }),
      null,
    );
  }
});

test('an empty cluster is initialised by one region, and never where data stands without a record', () => {
  const none = { record: { kind: 'none' } as const, peer: PEER_STANDBY, intent: null, paused: false };
  assert.equal(actionOf({ self: 'region1', local: { state: 'absent' }, ...none })?.type, 'write_record');
  assert.equal(actionOf({ self: 'region2', local: { state: 'absent' }, ...none }), null);
  assert.equal(actionOf({ self: 'region1', local: STOPPED, ...none }), null);
});

test('PostgreSQL starts as primary only where the record names the leader (invariant 5)', () => {
  assert.deepEqual(actionOf(leader(STRICT, STOPPED)), { type: 'start_primary', waitForPeer: true });
  assert.deepEqual(actionOf(leader(SOLO, STOPPED)), { type: 'start_primary', waitForPeer: false });
  assert.equal(actionOf(standby(STRICT, { ...STOPPED, wasPrimary: false }))?.type, 'start_standby');
  assert.equal(actionOf(standby(STRICT, STOPPED))?.type, 'rejoin');
});

test('a deposed primary is fenced at once', () => {
  assert.deepEqual(actionOf(standby(STRICT, PRIMARY)), { type: 'stop_postgres' });
});

test('shrink: the record says solo before commits stop waiting (invariants 2 and 4)', () => {
  const silent = { ...PRIMARY, standbySilentMs: STANDBY_SILENT_LIMIT_MS };
  assert.deepEqual(written(leader(STRICT, silent)).mode, 'solo');
  assert.deepEqual(written(leader(STRICT, silent)).syncSet, []);
  assert.equal(actionOf(leader(STRICT, { ...PRIMARY, standbySilentMs: STANDBY_SILENT_LIMIT_MS - 1 })), null);
  assert.equal(actionOf(leader(SOLO, silent))?.type, 'go_without_peer');
  assert.equal(actionOf(leader(SOLO, { ...silent, standby: null }))?.type, 'go_without_peer');
});

test('a growth that may have been recorded unseen is ended on record before commits stop waiting (hazard H9)', () => {
  const silent = { ...PRIMARY, standbySilentMs: STANDBY_SILENT_LIMIT_MS };
  const ended = written(leader(GROWING, silent));
  assert.deepEqual([ended.mode, ended.growing], ['solo', undefined]);
  assert.equal(actionOf(leader(SOLO, silent))?.type, 'go_without_peer');
  const restarted: Primary = { ...ALONE, gate: 'closed' };
  assert.equal(written(leader(GROWING, restarted)).growing, undefined);
  assert.equal(actionOf(leader(SOLO, restarted))?.type, 'open_gate');
  assert.equal(written(leader(SOLO, PRIMARY)).growing, true, 'a shrink that turns back grows like any other');
});

test('grow: commits wait and the standby has caught up before the record says strict (invariant 1)', () => {
  const streaming = {
    ...ALONE,
    standby: { ...PRIMARY.standby, streaming: true, sync: false, lagBytes: 0, lagMs: 0, caughtUp: false },
  };
  assert.equal(written(leader(SOLO, streaming)).growing, true);
  assert.equal(actionOf(leader(GROWING, streaming))?.type, 'wait_for_peer');
  assert.equal(actionOf(leader(SOLO, { ...PRIMARY, settled: false }))?.type, 'settle');
  assert.equal(actionOf(leader(SOLO, { ...PRIMARY, standby: { ...streaming.standby, sync: true } })), null);
  const strict = written(leader(GROWING, PRIMARY));
  assert.deepEqual([strict.mode, strict.syncSet, strict.growing], ['strict', ['region2'], undefined]);
  const far = { ...streaming, standby: { ...streaming.standby, lagBytes: JOIN_LAG_LIMIT_BYTES + 1 } };
  assert.equal(actionOf(leader(SOLO, far)), null);
});

test('a frozen standby holds up writes once: statements that wait for it cannot settle, and it does not grow again', () => {
  const frozen: Primary = { ...PRIMARY, settled: false, standbySilentMs: STANDBY_SILENT_LIMIT_MS };
  assert.equal(written(leader(STRICT, frozen)).mode, 'solo');
  assert.equal(actionOf(leader(SOLO, frozen))?.type, 'go_without_peer');
  const streams = { ...frozen, waitsForPeer: false, standby: PRIMARY.standby };
  assert.equal(actionOf(leader(SOLO, streams)), null);
});

test('the gate opens only when the primary keeps what the record promises', () => {
  const closed: Primary = { ...PRIMARY, gate: 'closed' };
  assert.equal(actionOf(leader(STRICT, closed))?.type, 'open_gate');
  const behind = {
    ...closed,
    standby: { streaming: true, sync: true, lagBytes: 9, lagMs: 1, caughtUp: false },
  };
  assert.equal(actionOf(leader(STRICT, behind)), null);
  assert.equal(actionOf(leader(STRICT, { ...closed, waitsForPeer: false }))?.type, 'wait_for_peer');
  assert.equal(actionOf(leader(STRICT, { ...PRIMARY, waitsForPeer: false }))?.type, 'close_gate');
  assert.equal(actionOf(leader(SOLO, { ...ALONE, gate: 'closed' }))?.type, 'open_gate');
});

test('takeover: every proof of a lost leader leads to a new epoch under the standby, alone', () => {
  const lost: [PeerView, number][] = [
    [{ ...PEER_LEADS, provenDead: true }, 0],
    [{ ...PEER_LEADS, silentMs: LEADER_SILENT_LIMIT_MS }, LEADER_SILENT_LIMIT_MS],
    [{ ...PEER_LEADS, postgres: 'crashed' }, 0],
    [{ ...PEER_LEADS, postgres: 'unreachable', unreachableMs: 10_000 }, 0],
    [{ ...PEER_LEADS, canarySilentMs: CANARY_SILENT_LIMIT_MS }, 0],
  ];
  for (const [peer, feedSilentMs] of lost) {
    const record = written(standby(STRICT, { ...STANDBY, feedSilentMs }, { peer }));
    assert.equal(record.epoch, STRICT.epoch + 1);
    assert.equal(record.leader, 'region2');
    assert.equal(record.mode, 'solo');
    assert.deepEqual(record.syncSet, []);
    assert.equal(record.phase, 'promoting');
  }
});

test('no takeover: outside the sync set, on silence of the heartbeat alone, at start, while paused', () => {
  const dead = { ...PEER_LEADS, provenDead: true };
  assert.equal(actionOf(standby(SOLO, STANDBY, { peer: dead })), null);
  assert.equal(actionOf(standby(STRICT, STANDBY, { peer: { ...PEER_LEADS, silentMs: 60_000 } })), null);
  assert.equal(actionOf(standby(STRICT, STANDBY, { peer: { ...dead, expectedUp: false } })), null);
  assert.equal(actionOf(standby(STRICT, STANDBY, { peer: dead, paused: true })), null);
  const stalled = { ...PEER_LEADS, canarySilentMs: CANARY_SILENT_LIMIT_MS - 1 };
  assert.equal(actionOf(standby(STRICT, STANDBY, { peer: stalled })), null);
});

test('the new leader promotes, is recorded as serving, and only then lets clients in', () => {
  const promoting: ClusterRecord = { ...SOLO, leader: 'region2', epoch: 4, phase: 'promoting' };
  const peer = { ...PEER_LEADS, provenDead: true };
  assert.deepEqual(actionOf(standby(promoting, STANDBY, { peer })), { type: 'promote', epoch: 4 });
  const promoted: Primary = { ...ALONE, gate: 'closed', slotReady: false };
  const serving = written(standby(promoting, promoted, { peer }));
  assert.deepEqual([serving.phase, serving.syncSet], ['serving', []]);
  assert.equal(
    actionOf(standby({ ...promoting, phase: 'serving' }, promoted, { peer }))?.type,
    'open_gate',
    'before anything that can wait',
  );
});

test('a crashed primary leaves the lead to its peer, for a while, and only when the peer is there', () => {
  const crashed = { ...STOPPED, crashed: true };
  assert.equal(actionOf(leader(STRICT, crashed)), null);
  assert.equal(actionOf(leader(STRICT, { ...crashed, stoppedMs: CRASH_YIELD_MS }))?.type, 'start_primary');
  assert.equal(actionOf(leader(SOLO, crashed))?.type, 'start_primary');
  const gone = { ...PEER_STANDBY, provenDead: true };
  assert.equal(actionOf(leader(STRICT, crashed, { peer: gone }))?.type, 'start_primary');
});

test('switchover: refused when it could lose something, else checkpointed, held, drained, handed over', () => {
  const { id } = SWITCH;
  assert.deepEqual(actionOf(leader(STRICT, PRIMARY, { intent: SWITCH })), { type: 'checkpoint', intent: id });
  assert.equal(written(leader(STRICT, CHECKPOINTED, { intent: SWITCH })).phase, 'handing_over');
  assert.equal(actionOf(leader(SOLO, PRIMARY, { intent: SWITCH }))?.type, 'clear_intent');
  const lagging = { ...PRIMARY, standby: { ...PEER_LAG, lagBytes: JOIN_LAG_LIMIT_BYTES + 1 } };
  assert.equal(actionOf(leader(STRICT, lagging, { intent: SWITCH }))?.type, 'clear_intent');
  const gone = { ...PEER_STANDBY, provenDead: true };
  assert.equal(actionOf(leader(STRICT, PRIMARY, { intent: SWITCH, peer: gone }))?.type, 'clear_intent');

  const handing: ClusterRecord = { ...STRICT, phase: 'handing_over' };
  assert.deepEqual(actionOf(leader(handing, PRIMARY)), { type: 'drain' });
  const next = written(leader(handing, { ...PRIMARY, gate: 'closed' }));
  assert.deepEqual(
    written(leader(handing, STOPPED)),
    next,
    'one that has crashed meanwhile hands over as well',
  );
  assert.deepEqual([next.leader, next.epoch, next.phase], ['region2', 4, 'promoting']);
  assert.deepEqual(next.syncSet, ['region1'], 'the old leader has everything until the new one serves');
});

test('a new leader that is lost before it served is taken over by the old one, and only then', () => {
  const promoting: ClusterRecord = { ...SOLO, phase: 'promoting', syncSet: ['region2'] };
  const gone = { ...PEER_LEADS, provenDead: true };
  const back = written(standby(promoting, STOPPED, { peer: gone }));
  assert.deepEqual([back.leader, back.epoch, back.phase], ['region2', 4, 'promoting']);
  assert.equal(actionOf(standby(promoting, STOPPED, { peer: PEER_LEADS })), null);
  assert.equal(actionOf(standby(promoting, STOPPED, { peer: gone, paused: true })), null);
  const served: ClusterRecord = { ...promoting, phase: 'serving', syncSet: [] };
  assert.equal(actionOf(standby(served, STOPPED, { peer: gone })), null);
});

test('a switchover that is asked for while automation is paused is carried out', () => {
  assert.equal(written(leader(STRICT, CHECKPOINTED, { intent: SWITCH, paused: true })).phase, 'handing_over');
});

test('a record names its operation from the first write to the last, and no longer', () => {
  const handing = written(leader(STRICT, CHECKPOINTED, { intent: SWITCH }));
  assert.deepEqual(handing.operation, { id: 'a', kind: 'switchover', from: 'region1' });
  const promoting = written(leader({ ...STRICT, ...handing }, STOPPED));
  assert.deepEqual(promoting.operation, handing.operation);
  const serving = written(standby({ ...STRICT, ...promoting }, { ...ALONE, gate: 'closed' }));
  assert.deepEqual(serving.operation, handing.operation);
  const growing = written(standby({ ...STRICT, ...serving }, PRIMARY));
  assert.deepEqual(growing.operation, handing.operation);
  const strict = written(standby({ ...STRICT, ...growing }, PRIMARY));
  assert.deepEqual([strict.mode, strict.operation], ['strict', undefined]);
  const taken = written(standby(STRICT, STANDBY, { peer: { ...PEER_LEADS, provenDead: true } }));
  assert.deepEqual(taken.operation, { id: 'takeover-4', kind: 'takeover', from: 'region1' });
});

const PEER_LAG = { streaming: true, sync: true, lagBytes: 0, lagMs: 0, caughtUp: true };

test('a handover whose target goes away is given up, and the leader serves again', () => {
  const handing: ClusterRecord = { ...STRICT, phase: 'handing_over' };
  const gone = { ...PEER_STANDBY, provenDead: true };
  assert.equal(written(leader(handing, PRIMARY, { peer: gone })).phase, 'serving');
  assert.equal(written(leader(handing, STOPPED, { peer: gone })).phase, 'serving');
});

test('a standby that cannot be rewound or fed any more is copied anew, but only from a leader that serves', () => {
  assert.equal(actionOf(standby(STRICT, { ...STOPPED, rewindFailed: true }))?.type, 'clone');
  assert.equal(actionOf(standby(STRICT, { ...STANDBY, feedSilentMs: UNFED_LIMIT_MS + 1 }))?.type, 'clone');
  assert.equal(actionOf(standby(STRICT, { state: 'absent' }))?.type, 'clone');
  const promoting: ClusterRecord = { ...STRICT, phase: 'promoting' };
  assert.equal(actionOf(standby(promoting, { state: 'absent' })), null);
  assert.equal(actionOf(standby(promoting, STOPPED)), null);
});

test('a standby that never comes up is copied anew, in time, and only from a leader that serves', () => {
  const stuck = { state: 'unreachable', unreachableMs: STUCK_LIMIT_MS } as const;
  assert.equal(actionOf(standby(SOLO, stuck))?.type, 'clone');
  assert.equal(actionOf(standby(SOLO, { ...stuck, unreachableMs: STUCK_LIMIT_MS - 1 })), null);
  assert.equal(actionOf(standby(SOLO, { state: 'unreachable' })), null);
  assert.equal(actionOf(standby({ ...SOLO, phase: 'promoting' }, stuck)), null);
  assert.equal(actionOf(leader(SOLO, stuck)), null, 'the leader has the only copy');
});

test('a leader that lost its data never starts empty', () => {
  assert.equal(actionOf(leader(STRICT, { state: 'absent' })), null);
  assert.equal(
    actionOf(leader({ ...SOLO, phase: 'bootstrapping' }, { state: 'absent' }))?.type,
    'initialise',
  );
});
