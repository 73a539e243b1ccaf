/**
 * The agent's decisions: one observation in, at most one action out. Pure; no clock, no I/O.
 *
 * The record in etcd says who leads. PostgreSQL follows it: the leader runs a primary, everyone else a
 * standby (invariant 5). Clients reach a primary only through its gate, which opens when the primary keeps
 * the record's promise: in `strict` every commit waits for the peer, in `solo` the record says so first.
 *
 *   solo ──wait_for_peer──▶ (names set) ──peer caught up and sync──▶ write_record strict      grow: invariant 1
 *   strict ──peer silent──▶ write_record solo ──▶ go_without_peer                             shrink: invariant 2
 */
import type { ClusterRecord } from '../lib/cluster.ts';
import { type DataRegion, peerOf } from '../lib/topology.ts';
import type { Action, Decision, LocalPostgres, Observation } from './types.ts';

/** The region that initialises an empty cluster. */
const FIRST_LEADER: DataRegion = 'region1';
/** A standby that acknowledges nothing for this long no longer holds up writes. */
export const STANDBY_SILENT_LIMIT_MS = 1_000;
/** A standby joins the sync set only from close behind: writes must not wait for a long catch-up. */
export const JOIN_LAG_LIMIT_BYTES = 16 * 1024 * 1024;

const act = (action: Action, why: string): Decision => ({ kind: 'act', action, why });
const wait = (why: string): Decision => ({ kind: 'wait', why });

export function decide(seen: Observation): Decision {
  switch (seen.record.kind) {
    case 'unknown':
      return wait('etcd does not answer: nothing is changed');
    case 'none':
      return bootstrap(seen);
    case 'known':
      return seen.record.record.leader === seen.self
        ? asLeader(seen, seen.record.record, seen.record.revision)
        : asStandby(seen, seen.record.record);
    default:
      return seen.record satisfies never;
  }
}

function bootstrap({ self, local }: Observation): Decision {
  if (local.state !== 'absent') {
    return wait('there is data here but no cluster record: refusing to guess who led');
  }
  if (self !== FIRST_LEADER) return wait(`${FIRST_LEADER} initialises the cluster`);
  return act(
    {
      type: 'write_record',
      revision: 0,
      record: {
        epoch: 1,
        leader: self,
        syncSet: [],
        mode: 'solo',
        phase: 'bootstrapping',
        reason: 'first start',
      },
    },
    'the cluster is empty',
  );
}

function asLeader(seen: Observation, record: ClusterRecord, revision: number): Decision {
  const { local } = seen;
  switch (local.state) {
    case 'absent':
      return record.phase === 'bootstrapping'
        ? act({ type: 'initialise' }, 'first start')
        : wait('the leader has no data: it must not start empty');
    case 'stopped':
      return act(
        { type: 'start_primary', waitForPeer: record.mode === 'strict' },
        `the record names ${seen.self} leader in epoch ${record.epoch}`,
      );
    case 'unreachable':
      return wait('PostgreSQL does not answer yet');
    case 'standby':
      return wait('the leader runs a standby: takeover is not part of this version');
    case 'primary':
      return asPrimary(seen.self, local, record, revision);
    default:
      return local satisfies never;
  }
}

type Primary = Extract<LocalPostgres, { state: 'primary' }>;

function asPrimary(self: DataRegion, local: Primary, record: ClusterRecord, revision: number): Decision {
  if (!local.prepared) return act({ type: 'prepare_database' }, 'schema or registry is not in place');
  if (record.phase === 'bootstrapping') {
    return act(
      {
        type: 'write_record',
        revision,
        record: { ...record, phase: 'serving', reason: 'database prepared' },
      },
      'the database is prepared',
    );
  }
  if (!local.slotReady) return act({ type: 'ensure_slot' }, 'the standby needs its slot');
  return record.mode === 'strict'
    ? strictPrimary(self, local, record, revision)
    : soloPrimary(self, local, record, revision);
}

function strictPrimary(self: DataRegion, local: Primary, record: ClusterRecord, revision: number): Decision {
  if (!local.waitsForPeer) {
    // Strict is promised but commits would not wait: nobody may write until they do.
    if (local.gate === 'open') return act({ type: 'close_gate' }, 'strict is recorded but not in force');
    return act({ type: 'wait_for_peer' }, 'strict is recorded but not in force');
  }
  if (!local.settled) return act({ type: 'wait_for_peer' }, 'not every backend is known to wait yet');
  if (local.standbySilentMs >= STANDBY_SILENT_LIMIT_MS) {
    return act(
      {
        type: 'write_record',
        revision,
        record: { ...record, mode: 'solo', syncSet: [], reason: `${peerOf(self)} stopped acknowledging` },
      },
      `${peerOf(self)} has been silent for ${Math.round(local.standbySilentMs)} ms`,
    );
  }
  if (local.gate === 'closed') {
    // Hazard H4: what a crashed primary brings back is shown only once the peer has it too.
    return local.standby?.sync === true && local.standby.caughtUp
      ? act({ type: 'open_gate' }, `${peerOf(self)} has everything`)
      : wait(`waiting for ${peerOf(self)} to have what this primary recovered`);
  }
  return wait('strict: every commit is in both regions');
}

function soloPrimary(self: DataRegion, local: Primary, record: ClusterRecord, revision: number): Decision {
  const peer = peerOf(self);
  const { standby } = local;
  if (local.waitsForPeer) {
    if (!local.settled) return act({ type: 'wait_for_peer' }, 'not every backend is known to wait yet');
    if (standby?.sync === true && standby.caughtUp) {
      return act(
        {
          type: 'write_record',
          revision,
          record: {
            ...record,
            mode: 'strict',
            syncSet: [peer],
            reason: `${peer} acknowledges synchronously`,
          },
        },
        `${peer} has caught up`,
      );
    }
    return local.standbySilentMs >= STANDBY_SILENT_LIMIT_MS
      ? act({ type: 'go_without_peer' }, 'solo is recorded')
      : wait(`growing: waiting for ${peer} to catch up`);
  }
  if (local.gate === 'closed') return act({ type: 'open_gate' }, 'solo is recorded under this epoch');
  if (standby?.streaming !== true) return wait(`solo: ${peer} is not streaming`);
  if (standby.lagBytes > JOIN_LAG_LIMIT_BYTES) return wait(`solo: ${peer} is catching up`);
  return act({ type: 'wait_for_peer' }, `${peer} streams close behind`);
}

function asStandby(seen: Observation, record: ClusterRecord): Decision {
  const { local } = seen;
  switch (local.state) {
    case 'absent':
      return seen.leaderFeeds && record.phase === 'serving'
        ? act({ type: 'clone' }, `copying ${record.leader}`)
        : wait(`waiting for ${record.leader} to serve`);
    case 'stopped':
      return act({ type: 'start_standby' }, `following ${record.leader}`);
    case 'primary':
      return act({ type: 'stop_postgres' }, `deposed: ${record.leader} leads in epoch ${record.epoch}`);
    case 'unreachable':
      return wait('PostgreSQL does not answer yet');
    case 'standby':
      return wait(`standby of ${record.leader}`);
    default:
      return local satisfies never;
  }
}
