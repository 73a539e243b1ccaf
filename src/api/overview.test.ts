import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ClusterSnapshot, SeenHeartbeat } from '../lib/cluster.ts';
import type { DataRegion, Member } from '../lib/topology.ts';
import { type IngestStats, observingSince, parseIngestStats } from './ingest-stats.ts';
import { buildOverview, regionHealth } from './overview.ts';

const WALL_MS = 1_790_000_000_000;
const MONOTONIC_MS = 50_000;

const stats = (region: DataRegion, ageMs: number, received: number): IngestStats => ({
  region,
  at_ms: WALL_MS - ageMs,
  connections: 2,
  readings_per_s: 500,
  received,
  committed: received - 3,
  duplicates: 1,
  rejected: 1,
  in_flight: 1,
});

function heartbeat(region: Member, state: 'primary' | 'standby' | null, ageMs: number): SeenHeartbeat {
  return {
    seenMs: MONOTONIC_MS - ageMs,
    heartbeat: {
      region,
      seq: 1,
      sentAt: '2026-11-16T00:00:00Z',
      postgres: state === null ? null : { state, timeline: 1, lsn: '0/1', gate: 'open' },
      replication: state === 'primary' ? { syncState: 'sync', lagBytes: 64, lagMs: 0.5 } : null,
      canaryMs: null,
      canarySilentMs: null,
      doing: null,
      redis: null,
      processes: null,
    },
  };
}

const cluster: ClusterSnapshot = {
  record: {
    epoch: 3,
    leader: 'region1',
    syncSet: ['region2'],
    mode: 'strict',
    phase: 'serving',
    reason: 'test',
    since: '2026-11-16T00:00:00Z',
  },
  heartbeats: new Map([
    ['region1', heartbeat('region1', 'primary', 100)],
    ['region2', heartbeat('region2', 'standby', 100)],
  ]),
  pause: null,
  confirmedMs: MONOTONIC_MS - 250,
};

const overview = (ingests: readonly IngestStats[]) =>
  buildOverview({
    servedBy: 'region2',
    wallMs: WALL_MS,
    monotonicMs: MONOTONIC_MS,
    cluster,
    ingests: new Map(ingests.map((entry) => [entry.region === 'region1' ? 'region1' : 'region2', entry])),
    fleet: { total: 0, reporting: 0, stale: 0, unknown: 0, OK: 0, WARN: 0, ALERT: 0 },
    storage: { readingsBytes: 1, partitions: 2, oldest: null },
    storageLimitBytes: 3,
  });

describe('overview', () => {
  it('adds up the accounting of both ingests, and it balances', () => {
    const { accounting, readings_per_s } = overview([stats('region1', 0, 100), stats('region2', 0, 50)]);
    assert.equal(accounting.received, 150);
    const { committed, duplicates, rejected, in_flight } = accounting;
    assert.equal(committed + duplicates + rejected + in_flight, accounting.received);
    assert.equal(readings_per_s, 1_000);
  });

  it('counts what a silent ingest had accounted for, but not its rate', () => {
    const view = overview([stats('region1', 0, 100), stats('region2', 5_001, 50)]);
    assert.equal(view.readings_per_s, 500);
    assert.equal(view.accounting.received, 150);
    assert.deepEqual(
      view.regions.map(({ ingest }) => ingest?.up),
      [true, false, undefined],
    );
  });

  it("shows the standby's lag, which the leader measures, and every member's role", () => {
    const { regions, cluster: view } = overview([]);
    assert.deepEqual(
      regions.map(({ region, role, health, replication_lag_bytes }) => [
        region,
        role,
        health,
        replication_lag_bytes,
      ]),
      [
        ['region1', 'leader', 'up', null],
        ['region2', 'standby', 'up', 64],
        ['witness', 'witness', 'down', null],
      ],
    );
    assert.equal(view?.record_age_ms, 250);
  });

  it('calls a region degraded when its PostgreSQL is not what the record says', () => {
    assert.equal(regionHealth('leader', 100, 'primary'), 'up');
    assert.equal(regionHealth('leader', 100, 'standby'), 'degraded');
    assert.equal(regionHealth('standby', 100, 'unreachable'), 'degraded');
    assert.equal(regionHealth('standby', 2_000, 'standby'), 'degraded');
    assert.equal(regionHealth('standby', 3_001, 'standby'), 'down');
    assert.equal(regionHealth('witness', 0, null), 'up');
    assert.equal(regionHealth('witness', null, null), 'down');
  });
});

describe('ingest counters', () => {
  it('refuse a document of another form', () => {
    assert.deepEqual(parseIngestStats(JSON.stringify(stats('region1', 0, 9))), stats('region1', 0, 9));
    assert.throws(() => parseIngestStats('{"region":"region1"}'));
    assert.throws(() => parseIngestStats('nonsense'), SyntaxError);
  });

  it('say since when readings could arrive: the longest-listening live ingest', () => {
    const since = new Map<DataRegion, number>([
      ['region1', 10],
      ['region2', 20],
    ]);
    const both = new Map<DataRegion, IngestStats>([
      ['region1', stats('region1', 0, 9)],
      ['region2', stats('region2', 0, 9)],
    ]);
    assert.equal(observingSince(since, both, WALL_MS), 10);
    both.set('region1', stats('region1', 6_000, 9));
    assert.equal(observingSince(since, both, WALL_MS), 20);
    assert.equal(observingSince(since, new Map(), WALL_MS), null);
  });
});
