/** What an agent says of the cluster: its status and the findings of a validation. Pure. */
import type { ClusterRecord, Heartbeat } from '../lib/cluster.ts';
import type { StatusBody, ValidateBody } from '../lib/control-schemas.ts';
import { MEMBERS, type Member } from '../lib/topology.ts';
import type { AgentView } from './agent.ts';

/** A record that etcd has not confirmed for this long may be out of date. */
export const FRESH_MS = 1_000;
/** Heartbeats come every 100 ms, the witness's every second: a leader silent for this long is not there. */
const HEARD_MS = 1_500;

type Moment = { readonly wallMs: number; readonly monotonicMs: number };

const isFresh = (view: AgentView): boolean => view.recordAgeMs < FRESH_MS;

function message(region: Member, view: AgentView): string {
  const { record, pause } = view;
  if (!isFresh(view)) {
    const age = Number.isFinite(view.recordAgeMs) ? ` for ${(view.recordAgeMs / 1_000).toFixed(1)} s` : '';
    return `${region} has had no answer from a majority of etcd${age}: it changes nothing, and what it shows may be out of date.`;
  }
  if (record === null) return 'The cluster is not initialised yet.';
  const paused = pause === null ? '' : ` Automation is paused: ${pause.reason}.`;
  switch (record.phase) {
    case 'bootstrapping':
      return 'The first database is being made.';
    case 'handing_over':
      return `${record.leader} hands over; new writes wait.`;
    case 'promoting':
      return `${record.leader} is being promoted; writes wait.`;
    case 'serving':
      return record.mode === 'strict'
        ? `${record.leader} leads; every commit is in both regions.${paused}`
        : `${record.leader} leads alone (${record.reason}): nobody can take over.${paused}`;
    default:
      return record.phase satisfies never;
  }
}

function recordBody(record: ClusterRecord): NonNullable<StatusBody['record']> {
  const { epoch, leader, syncSet, mode, phase, reason, since, operation, marks = {} } = record;
  return {
    epoch,
    leader,
    sync_set: [...syncSet],
    mode,
    phase,
    reason,
    since,
    operation: operation === undefined ? null : { ...operation, marks },
  };
}

function processesBody(processes: Heartbeat['processes']): StatusBody['members'][number]['processes'] {
  if (processes === null) return null;
  return { ready: processes.ready, total: processes.total, not_ready: [...processes.notReady] };
}

function memberBody(member: Member, view: AgentView, nowMs: number): StatusBody['members'][number] {
  const seen = view.heartbeats.get(member);
  const beat = seen?.heartbeat;
  const replication = beat?.replication ?? null;
  const standing = member === view.record?.leader ? 'leader' : 'standby';
  return {
    region: member,
    role: member === 'witness' ? 'witness' : standing,
    heartbeat_age_ms: seen === undefined ? null : Math.max(0, Math.round(nowMs - seen.seenMs)),
    postgres: beat?.postgres ?? null,
    replication:
      replication === null
        ? null
        : {
            sync_state: replication.syncState,
            lag_bytes: replication.lagBytes,
            lag_ms: replication.lagMs,
          },
    canary_ms: beat?.canaryMs ?? null,
    redis: beat?.redis ?? null,
    processes: processesBody(beat?.processes ?? null),
    doing: beat?.doing ?? null,
  };
}

/** The cluster as this member sees it at one moment; a view that etcd has not confirmed lately says so. */
export function statusBody(region: Member, view: AgentView, now: Moment): StatusBody {
  return {
    timestamp: new Date(now.wallMs).toISOString(),
    region,
    view: isFresh(view) ? 'fresh' : 'stale',
    view_age_ms: Number.isFinite(view.recordAgeMs) ? Math.round(view.recordAgeMs) : null,
    message: message(region, view),
    record: view.record === null ? null : recordBody(view.record),
    paused: view.pause === null ? null : { reason: view.pause.reason, since: view.pause.since },
    why: view.why,
    members: MEMBERS.map((member) => memberBody(member, view, now.monotonicMs)),
  };
}

/** Whether the cluster keeps its promise right now, finding by finding. */
export function validateBody(region: Member, view: AgentView, now: Moment): ValidateBody {
  const { record, heartbeats } = view;
  const heard = (member: Member): Heartbeat | undefined => {
    const seen = heartbeats.get(member);
    return seen !== undefined && now.monotonicMs - seen.seenMs < HEARD_MS ? seen.heartbeat : undefined;
  };
  const leader = record === null ? undefined : heard(record.leader);
  const primaries = MEMBERS.filter((member) => heard(member)?.postgres?.state === 'primary');
  const redis = MEMBERS.filter((member) => heard(member)?.redis === 'master');
  const fresh = isFresh(view);
  const canaryMs = leader?.canaryMs ?? null;
  const findings: ValidateBody['findings'] = [
    {
      check: 'majority',
      ok: fresh,
      detail: fresh ? 'etcd has confirmed the record' : 'etcd has not confirmed the record for a second',
    },
    {
      check: 'leader_serves',
      ok: record?.phase === 'serving' && leader?.postgres?.gate === 'open',
      detail:
        record === null
          ? 'there is no record'
          : `${record.leader} is ${leader === undefined ? 'silent' : record.phase}`,
    },
    {
      check: 'one_primary',
      ok: primaries.length === 1 && primaries[0] === record?.leader,
      detail: primaries.join(', ') || 'none',
    },
    {
      check: 'strict',
      ok: record?.mode === 'strict',
      detail: record === null ? 'there is no record' : `${record.mode}: ${record.reason}`,
    },
    {
      check: 'write_canary',
      ok: canaryMs !== null,
      detail: canaryMs === null ? 'no commit lately' : `${canaryMs.toFixed(1)} ms`,
    },
    {
      check: 'redis_with_leader',
      ok: redis.length === 1 && redis[0] === record?.leader,
      detail: `master in ${redis.join(', ') || 'no region'}`,
    },
  ];
  return { region, valid: findings.every(({ ok }) => ok), findings };
}
