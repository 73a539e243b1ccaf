/** The overview document, from what this region knows at one moment. Pure. */
import type { ClusterSnapshot, SeenHeartbeat } from '../lib/cluster.ts';
import { type DataRegion, isDataRegion, MEMBERS, type Member } from '../lib/topology.ts';
import { accountingOf, addAccounting, type IngestStats, isIngestUp } from './ingest-stats.ts';
import type { Accounting, ClusterView, Overview, RegionView, StateCounts } from './schemas.ts';
import type { StorageSizes } from './storage.ts';

/** Heartbeats come every 100 ms; after these ages a region counts as troubled, and as gone. */
const DEGRADED_MS = 1_500;
const DOWN_MS = 3_000;

export type OverviewInput = {
  readonly servedBy: DataRegion;
  /** Unix ms and monotonic ms of the moment. */
  readonly wallMs: number;
  readonly monotonicMs: number;
  readonly cluster: ClusterSnapshot;
  readonly ingests: ReadonlyMap<DataRegion, IngestStats>;
  readonly fleet: StateCounts;
  readonly storage: StorageSizes;
  readonly storageLimitBytes: number;
};

const NOTHING: Accounting = { received: 0, committed: 0, duplicates: 0, rejected: 0, in_flight: 0 };

function clusterView({ cluster, monotonicMs }: OverviewInput): ClusterView | null {
  const { record } = cluster;
  if (record === null) return null;
  return {
    epoch: record.epoch,
    leader: record.leader,
    mode: record.mode,
    phase: record.phase,
    sync_set: [...record.syncSet],
    reason: record.reason,
    since: record.since,
    record_age_ms: Math.round(monotonicMs - cluster.confirmedMs),
  };
}

type Role = RegionView['role'];

function roleOf(member: Member, leader: DataRegion | undefined): Role {
  if (member === 'witness') return 'witness';
  return member === leader ? 'leader' : 'standby';
}

/** A region is up when its agent is heard and its PostgreSQL is what the record says it should be. */
export function regionHealth(
  role: Role,
  ageMs: number | null,
  postgres: string | null,
): RegionView['health'] {
  if (ageMs === null || ageMs > DOWN_MS) return 'down';
  const expected = role === 'leader' ? 'primary' : role === 'standby' ? 'standby' : null;
  return ageMs > DEGRADED_MS || postgres !== expected ? 'degraded' : 'up';
}

function ingestView(stats: IngestStats | undefined, nowMs: number): RegionView['ingest'] {
  if (stats === undefined) return null;
  const up = isIngestUp(stats, nowMs);
  return {
    up,
    connections: up ? stats.connections : 0,
    readings_per_s: up ? stats.readings_per_s : 0,
    accounting: accountingOf(stats),
  };
}

function regionView(input: OverviewInput, member: Member): RegionView {
  const { cluster, ingests } = input;
  const leader = cluster.record?.leader;
  const role = roleOf(member, leader);
  const seen: SeenHeartbeat | undefined = cluster.heartbeats.get(member);
  const ageMs = seen === undefined ? null : Math.round(input.monotonicMs - seen.seenMs);
  const postgres = seen?.heartbeat.postgres ?? null;
  // The leader measures its standby, so the standby's lag stands in the leader's heartbeat.
  const fromLeader = leader === undefined ? undefined : cluster.heartbeats.get(leader);
  const lag = role === 'standby' ? (fromLeader?.heartbeat.replication ?? null) : null;
  return {
    region: member,
    role,
    health: regionHealth(role, ageMs, postgres?.state ?? null),
    heartbeat_age_ms: ageMs,
    postgres:
      postgres === null ? null : { state: postgres.state, timeline: postgres.timeline, lsn: postgres.lsn },
    replication_lag_bytes: lag?.lagBytes ?? null,
    replication_lag_ms: lag?.lagMs ?? null,
    ingest: isDataRegion(member) ? ingestView(ingests.get(member), input.wallMs) : null,
  };
}

export function buildOverview(input: OverviewInput): Overview {
  const regions = MEMBERS.map((member) => regionView(input, member));
  const ingests = regions.flatMap(({ ingest }) => (ingest === null ? [] : [ingest]));
  return {
    timestamp: new Date(input.wallMs).toISOString(),
    served_by: input.servedBy,
    fleet: input.fleet,
    readings_per_s: ingests.reduce((sum, ingest) => sum + ingest.readings_per_s, 0),
    accounting: ingests.reduce((sum, ingest) => addAccounting(sum, ingest.accounting), NOTHING),
    cluster: clusterView(input),
    regions,
    storage: {
      readings_bytes: input.storage.readingsBytes,
      partitions: input.storage.partitions,
      oldest: input.storage.oldest,
      limit_bytes: input.storageLimitBytes,
    },
  };
}
