/** What the status of the cluster means for a reader: who is well, what the link between the regions carries. */
import type { Static } from 'typebox';
import type { LiveState } from '../../../src/api/schemas.ts';
import type { DataRegionName, StatusBody } from '../../../src/lib/control-schemas.ts';

export type Region = Static<typeof DataRegionName>;
export type Member = StatusBody['members'][number];
type ClusterRecord = NonNullable<StatusBody['record']>;

/** Agents write a heartbeat every 100 ms; ten missed ones are worth a mark. */
const HEARTBEAT_LATE_MS = 1000;

export function peerOf(region: Region): Region {
  return region === 'region1' ? 'region2' : 'region1';
}

export function memberOf(status: StatusBody, name: Member['region']): Member | null {
  return status.members.find((member) => member.region === name) ?? null;
}

/** Whether the leader is changing right now. */
export function isMoving(record: ClusterRecord | null): boolean {
  return record !== null && (record.phase === 'handing_over' || record.phase === 'promoting');
}

export function isHeard(member: Member | null): boolean {
  return member !== null && member.heartbeat_age_ms !== null && member.heartbeat_age_ms <= HEARTBEAT_LATE_MS;
}

export type Condition = { readonly state: LiveState; readonly word: string };

/** A member's state with the word that says it: nobody has to read the colour. */
export function memberCondition(member: Member | null): Condition {
  if (member === null || member.heartbeat_age_ms === null) return { state: 'UNKNOWN', word: 'never seen' };
  if (!isHeard(member)) return { state: 'STALE', word: 'silent' };
  if (member.role !== 'witness') {
    if (member.postgres === null) return { state: 'ALERT', word: 'no database' };
    if (!['primary', 'standby'].includes(member.postgres.state)) {
      return { state: 'ALERT', word: member.postgres.state };
    }
    if (member.role === 'leader' && member.postgres.gate === 'closed') {
      return { state: 'WARN', word: 'holds writes' };
    }
  }
  const { processes } = member;
  if (processes !== null && processes.ready < processes.total)
    return { state: 'WARN', word: 'not all ready' };
  return { state: 'OK', word: 'well' };
}

export type Link = {
  readonly from: Region;
  readonly to: Region;
  readonly mode: 'strict' | 'solo';
  /** The standby does stream, whatever the record says of it. */
  readonly streams: boolean;
  readonly sync_state: string | null;
  readonly lag_bytes: number | null;
  readonly lag_ms: number | null;
};

/** Replication from the leader to its standby; null while nobody is on record as leader. */
export function replicationLink(status: StatusBody): Link | null {
  if (status.record === null) return null;
  const { leader, mode } = status.record;
  const seen = memberOf(status, leader)?.replication ?? null;
  return {
    from: leader,
    to: peerOf(leader),
    mode,
    streams: seen !== null,
    sync_state: seen?.sync_state ?? null,
    lag_bytes: seen?.lag_bytes ?? null,
    lag_ms: seen?.lag_ms ?? null,
  };
}

/** What the loss of the leader would cost now, in one sentence. */
export function protection(status: StatusBody): string {
  const { record } = status;
  if (record === null) return 'Nobody is on record as leader.';
  const peer = peerOf(record.leader);
  if (isMoving(record)) return 'The leader is changing: new writes are held until it has.';
  if (record.mode === 'solo') {
    return `Only ${record.leader} has every write, so nobody would take over from it.`;
  }
  if (status.paused !== null) {
    return `Every acknowledged write is in both regions, but automation is paused: ${peer} would not take over.`;
  }
  return `Every acknowledged write is in both regions: ${peer} would take over within a second.`;
}
