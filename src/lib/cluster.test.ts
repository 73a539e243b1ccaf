import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { etcdEndpoints, type Heartbeat, mergeHeartbeat, parseHeartbeat, parseRecord } from './cluster.ts';
import { topology } from './topology.ts';

const record = {
  epoch: 3,
  leader: 'region2',
  syncSet: ['region1', 'region2'],
  mode: 'strict',
  phase: 'serving',
  reason: 'takeover',
  since: '2026-11-16T00:00:00.000Z',
};
const heartbeat: Heartbeat = {
  region: 'region1',
  seq: 7,
  sentAt: '2026-11-16T00:00:00.000Z',
  postgres: { state: 'primary', timeline: 1, lsn: '0/3000060', gate: 'open' },
  replication: null,
  canaryMs: 3,
  canarySilentMs: null,
  doing: null,
  redis: null,
  processes: null,
};

describe('parseRecord', () => {
  it('reads what was written', () => assert.deepEqual(parseRecord(JSON.stringify(record)), record));

  for (const [key, value] of Object.entries({
    epoch: 0,
    leader: 'witness',
    syncSet: ['region3'],
    mode: 'loose',
    phase: undefined,
    since: 5,
  })) {
    it(`refuses ${key} ${JSON.stringify(value)}`, () => {
      assert.throws(() => parseRecord(JSON.stringify({ ...record, [key]: value })));
    });
  }

  it('refuses what is no JSON', () => assert.throws(() => parseRecord('')));
});

describe('parseHeartbeat', () => {
  it('reads what was written', () => {
    assert.deepEqual(parseHeartbeat(JSON.stringify(heartbeat)), heartbeat);
  });

  it('takes one of another form for silence', () => {
    assert.equal(parseHeartbeat(JSON.stringify({ ...heartbeat, region: 'region3' })), null);
    assert.equal(parseHeartbeat('{}'), null);
  });
});

describe('mergeHeartbeat', () => {
  const seen = { heartbeat, seenMs: 1_000 };
  const known = new Map([['region1' as const, seen]]);

  it('keeps the time of arrival while the heartbeat does not advance', () => {
    assert.equal(mergeHeartbeat(known, { ...heartbeat }, 2_000), seen);
  });

  it('takes a new number, a restarted agent with the same number, and a first one', () => {
    for (const next of [
      { ...heartbeat, seq: 8 },
      { ...heartbeat, sentAt: 'later' },
      { ...heartbeat, region: 'witness' as const },
    ]) {
      assert.deepEqual(mergeHeartbeat(known, next, 2_000), { heartbeat: next, seenMs: 2_000 });
    }
  });
});

it('the own member is asked first', () => {
  assert.deepEqual(etcdEndpoints(topology(100), 'region2'), [
    'http://127.0.0.1:2492',
    'http://127.0.0.1:2490',
    'http://127.0.0.1:2494',
  ]);
});
