import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DrillRequest, StatusBody } from '../../../src/lib/control-schemas.ts';
import { type Member, memberCondition, protection, replicationLink } from './cluster-state.ts';
import { drillSentences, faultTitle, moveSentences, prospect, victimOf } from './faults.ts';
import { mayDrill, mayHeal, mayPause, plannedMove, type Situation } from './permissions.ts';

const leader: Member = {
  region: 'region1',
  role: 'leader',
  heartbeat_age_ms: 60,
  postgres: { state: 'primary', timeline: 7, lsn: '0/5A3F028', gate: 'open' },
  replication: { sync_state: 'sync', lag_bytes: 0, lag_ms: 0.4 },
  canary_ms: 4,
  redis: 'master',
  processes: { ready: 9, total: 9, not_ready: [] },
  doing: null,
};

const record: NonNullable<StatusBody['record']> = {
  epoch: 12,
  leader: 'region1',
  sync_set: ['region2'],
  mode: 'strict',
  phase: 'serving',
  reason: 'both regions are in step',
  since: '2026-11-24T08:00:00.000Z',
  operation: null,
};

const healthy: StatusBody = {
  timestamp: '2026-11-24T08:30:00.000Z',
  region: 'region1',
  view: 'fresh',
  view_age_ms: 40,
  message: 'region1 leads',
  record,
  paused: null,
  why: 'nothing to do',
  members: [leader],
};

const situation = (change: Partial<Situation> = {}): Situation => ({
  status: healthy,
  drill: null,
  sending: null,
  ...change,
});
const withRecord = (change: Partial<typeof record>): StatusBody => ({
  ...healthy,
  record: { ...record, ...change },
});

test('a member is well only when it is heard, its database runs, and all its processes are ready', () => {
  const words = [
    null,
    { ...leader, heartbeat_age_ms: null },
    { ...leader, heartbeat_age_ms: 1001 },
    { ...leader, postgres: null },
    { ...leader, postgres: { state: 'crashed', timeline: null, lsn: null, gate: 'closed' as const } },
    { ...leader, postgres: { state: 'primary', timeline: 7, lsn: null, gate: 'closed' as const } },
    { ...leader, processes: { ready: 8, total: 9, not_ready: ['ingest'] } },
    leader,
  ].map((member) => memberCondition(member).word);
  assert.deepEqual(words, [
    'never seen',
    'never seen',
    'silent',
    'no database',
    'crashed',
    'holds writes',
    'not all ready',
    'well',
  ]);
});

test('replication runs from the leader on record, as the leader sees it', () => {
  const link = replicationLink(healthy);
  assert.deepEqual(
    [link?.from, link?.to, link?.sync_state, link?.lag_bytes],
    ['region1', 'region2', 'sync', 0],
  );
  const moved = replicationLink(withRecord({ leader: 'region2', mode: 'solo' }));
  assert.deepEqual(
    [moved?.from, moved?.to, moved?.streams, moved?.lag_ms],
    ['region2', 'region1', false, null],
  );
  assert.equal(replicationLink({ ...healthy, record: null }), null);
});

test('a pause and solo are said to cost the takeover', () => {
  assert.match(protection(healthy), /region2 would take over/);
  assert.match(protection(withRecord({ mode: 'solo' })), /nobody would take over/);
  assert.match(protection({ ...healthy, paused: { reason: 'disks', since: '' } }), /would not take over/);
});

test('the leader moves to the other region, or it is said why not', () => {
  assert.deepEqual(plannedMove(situation()), { target: 'region2', permission: { allowed: true } });
  const why = (change: Partial<Situation>): string => {
    const { permission } = plannedMove(situation(change));
    return permission.allowed ? '' : permission.why;
  };
  assert.match(why({ status: null }), /No agent/);
  assert.match(why({ status: { ...healthy, view: 'stale' } }), /region1 has lost its majority/);
  assert.match(why({ status: { ...healthy, record: null } }), /Nobody is on record/);
  assert.match(why({ status: withRecord({ phase: 'promoting' }) }), /changing now/);
  assert.match(why({ status: withRecord({ phase: 'bootstrapping' }) }), /starting/);
  assert.match(why({ status: withRecord({ mode: 'solo', sync_set: [] }) }), /Solo: region1 alone/);
  assert.match(why({ sending: 'The pause' }), /The pause has no answer/);
});

test('in solo nothing is drilled, but automation can be paused and faults can be healed', () => {
  const solo = situation({ status: withRecord({ mode: 'solo', sync_set: [] }) });
  assert.deepEqual(
    [mayDrill(solo), mayPause(solo), mayHeal(solo)].map(({ allowed }) => allowed),
    [false, true, true],
  );
  assert.equal(mayHeal(situation({ status: null })).allowed, true);
});

const request: DrillRequest = {
  fault: 'kill',
  target: 'leader',
  repeat: 1,
  writes_per_s: 200,
  freeze_s: 5,
};

test('a drill names the region that it hits now', () => {
  assert.equal(victimOf('standby', 'region2'), 'region1');
  assert.match(prospect(request, 'region2').breaks, /Every process of region2 is killed/);
  assert.match(prospect(request, 'region2').expected, /region1 takes over/);
  assert.match(prospect({ ...request, target: 'region1' }, 'region2').expected, /region2 goes on alone/);
  assert.match(prospect({ ...request, fault: 'freeze' }, 'region1').breaks, /for 5 s/);
});

test('a fault without a target is not described by one', () => {
  assert.equal(faultTitle('kill', 'leader'), 'Kill a region: leader');
  assert.equal(faultTitle('kill-witness', 'leader'), 'Kill the witness');
  assert.match(
    prospect({ ...request, fault: 'switchover', target: 'standby' }, 'region1').expected,
    /to region2/,
  );
});

test('confirmations say how often, under which load, and what a move does', () => {
  const [, , again, load] = drillSentences({ ...request, repeat: 20, telemetry_per_s: 1000 }, 'region1');
  assert.match(again ?? '', /20 times, each time whichever region is leader then/);
  assert.match(load ?? '', /1000 readings/);
  assert.match(moveSentences('region1').join(' '), /region1 stops.*region2 is promoted.*about 0\.5 s/);
});
