/**
 * The agent's decisions: one observation in, at most one action out. Pure; no clock, no I/O.
 *
 * The record in etcd says who leads. PostgreSQL follows it: the leader runs a primary, everyone else a
 * standby (invariant 5). Clients reach a primary only through its gate, which opens when the primary keeps
 * the record's promise: in `strict` every commit waits for the peer, in `solo` the record says so first.
 *
 *   solo ──wait_for_peer──▶ names set ──peer caught up and sync──▶ record strict         grow: invariant 1
 *   strict ──peer silent──▶ record solo ──▶ go_without_peer                              shrink: invariant 2
 *   strict ──leader lost──▶ record {epoch+1, self, solo, promoting} ──▶ promote ──▶ serving       takeover
 *   strict ──intent──▶ record handing_over ──▶ stop fast ──▶ record {epoch+1, peer, promoting}    switchover
 *
 * Only a member of the sync set takes over (invariant 3): it has every acknowledged commit, and once it has
 * stopped receiving, the old leader can acknowledge nothing more.
 */
import type { ClusterRecord } from '../lib/cluster.ts';
import { type DataRegion, peerOf } from '../lib/topology.ts';
import type { Action, Decision, LocalPostgres, Observation, PeerView } from './types.ts';

/** The region that initialises an empty cluster. */
const FIRST_LEADER: DataRegion = 'region1';
/** A standby that acknowledges nothing for this long no longer holds up writes. */
export const STANDBY_SILENT_LIMIT_MS = 1_000;
/** A leader whose heartbeat and WAL stream are both silent for this long is lost. */
export const LEADER_SILENT_LIMIT_MS = 1_200;
/** A leader whose agent lives but cannot reach its own PostgreSQL for this long is lost. */
const LEADER_UNREACHABLE_LIMIT_MS = 500;
/** How long a leader leaves its crashed PostgreSQL to the peer before it starts it again itself. */
export const CRASH_YIELD_MS = 3_000;
/** A standby that a serving leader has not fed for this long cannot follow it any more. */
export const UNFED_LIMIT_MS = 20_000;
/** A standby joins the sync set only from close behind: writes must not wait for a long catch-up. */
export const JOIN_LAG_LIMIT_BYTES = 16 * 1024 * 1024;

const act = (action: Action, why: string): Decision => ({ kind: 'act', action, why });
const wait = (why: string): Decision => ({ kind: 'wait', why });
const isSilent = (peer: PeerView): boolean => peer.provenDead || peer.silentMs >= LEADER_SILENT_LIMIT_MS;

type Known = { readonly record: ClusterRecord; readonly revision: number };
type Primary = Extract<LocalPostgres, { state: 'primary' }>;
type Stopped = Extract<LocalPostgres, { state: 'stopped' }>;

export function decide(seen: Observation): Decision {
  switch (seen.record.kind) {
    case 'unknown':
      return wait('etcd does not answer: nothing is changed');
    case 'none':
      return bootstrap(seen);
    case 'known':
      return seen.record.record.leader === seen.self
        ? asLeader(seen, seen.record)
        : asStandby(seen, seen.record);
    default:
      return seen.record satisfies never;
  }
}

/** The record as it is but for `change`, at the revision it was read at. */
function rewrite({ record, revision }: Known, change: Partial<ClusterRecord>, why: string): Decision {
  const { since: _, ...rest } = { ...record, ...change };
  return act({ type: 'write_record', revision, record: rest }, why);
}

/** A new epoch under another leader, alone until its peer has come back. */
function lead(known: Known, leader: DataRegion, reason: string): Decision {
  return rewrite(
    known,
    { epoch: known.record.epoch + 1, leader, syncSet: [], mode: 'solo', phase: 'promoting', reason },
    reason,
  );
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

function asLeader(seen: Observation, known: Known): Decision {
  const { local } = seen;
  const { record } = known;
  switch (local.state) {
    case 'absent':
      return record.phase === 'bootstrapping'
        ? act({ type: 'initialise' }, 'first start')
        : wait('the leader has no data: it must not start empty');
    case 'stopped':
      return asStoppedLeader(seen, local, known);
    case 'unreachable':
      return wait('PostgreSQL does not answer');
    case 'standby':
      return act({ type: 'promote', epoch: record.epoch }, `${seen.self} leads in epoch ${record.epoch}`);
    case 'primary':
      return asPrimary(seen, local, known);
    default:
      return local satisfies never;
  }
}

function asStoppedLeader({ self, peer }: Observation, local: Stopped, known: Known): Decision {
  const { record } = known;
  if (!local.wasPrimary) return act({ type: 'start_standby' }, 'to be promoted from what it has');
  if (record.phase === 'handing_over') {
    return isSilent(peer) || peer.postgres !== 'standby'
      ? rewrite(known, { phase: 'serving', reason: `${peerOf(self)} went away` }, 'the handover is given up')
      : lead(known, peerOf(self), `switched over from ${self}`);
  }
  const yielding =
    record.mode === 'strict' && local.crashed && !isSilent(peer) && local.stoppedMs < CRASH_YIELD_MS;
  if (yielding) return wait(`PostgreSQL crashed: ${peerOf(self)} is to take over`);
  return act(
    { type: 'start_primary', waitForPeer: record.mode === 'strict' },
    `the record names ${self} leader in epoch ${record.epoch}`,
  );
}

function asPrimary(seen: Observation, local: Primary, known: Known): Decision {
  const { record } = known;
  if (record.phase === 'handing_over') {
    return isSilent(seen.peer)
      ? rewrite(
          known,
          { phase: 'serving', reason: `${peerOf(seen.self)} went away` },
          'the handover is given up',
        )
      : act({ type: 'stop_postgres', mode: 'fast' }, `handing over to ${peerOf(seen.self)}`);
  }
  if (!local.prepared) return act({ type: 'prepare_database' }, 'schema or registry is not in place');
  if (record.phase === 'bootstrapping') {
    return rewrite(known, { phase: 'serving', reason: 'database prepared' }, 'the database is prepared');
  }
  if (record.phase === 'promoting') {
    return local.gate === 'closed'
      ? act({ type: 'open_gate' }, `promoted in epoch ${record.epoch}`)
      : rewrite(known, { phase: 'serving' }, `${seen.self} serves`);
  }
  const answer = answerIntent(seen, local, known);
  if (answer !== null) return answer;
  if (!local.slotReady) return act({ type: 'ensure_slot' }, 'the standby needs its slot');
  return record.mode === 'strict'
    ? strictPrimary(seen.self, local, known)
    : soloPrimary(seen.self, local, known);
}

/** A switchover starts only when it cannot lose anything; otherwise it is refused with the reason. */
function answerIntent({ self, peer, intent }: Observation, local: Primary, known: Known): Decision | null {
  if (intent === null || intent.kind !== 'switchover') return null;
  const { record } = known;
  const refuse = (outcome: string): Decision =>
    act({ type: 'clear_intent', id: intent.id, outcome }, outcome);
  if (intent.target === self) return refuse(`${self} leads`);
  if (record.mode !== 'strict') return refuse(`solo (${record.reason})`);
  if (isSilent(peer) || peer.postgres !== 'standby') return refuse(`${peerOf(self)} is not there`);
  if (local.standby?.sync !== true) return refuse(`${peerOf(self)} does not acknowledge synchronously`);
  if (local.standby.lagBytes > JOIN_LAG_LIMIT_BYTES) {
    return refuse(`${peerOf(self)} lags by ${local.standby.lagBytes} bytes`);
  }
  return rewrite(known, { phase: 'handing_over', reason: 'switchover asked for' }, 'switchover asked for');
}

function strictPrimary(self: DataRegion, local: Primary, known: Known): Decision {
  const peer = peerOf(self);
  if (!local.waitsForPeer) {
    // Strict is promised but commits would not wait: nobody may write until they do.
    if (local.gate === 'open') return act({ type: 'close_gate' }, 'strict is recorded but not in force');
    return act({ type: 'wait_for_peer' }, 'strict is recorded but not in force');
  }
  // Before settling: statements that wait for a silent standby would never settle.
  if (local.standbySilentMs >= STANDBY_SILENT_LIMIT_MS) {
    return rewrite(
      known,
      { mode: 'solo', syncSet: [], reason: `${peer} stopped acknowledging` },
      `${peer} has not acknowledged for ${STANDBY_SILENT_LIMIT_MS} ms`,
    );
  }
  if (!local.settled) return act({ type: 'settle' }, 'not every backend is known to wait yet');
  if (local.gate === 'closed') {
    // Hazard H4: what a crashed primary brings back is shown only once the peer has it too.
    return local.standby?.sync === true && local.standby.caughtUp
      ? act({ type: 'open_gate' }, `${peer} has everything`)
      : wait(`waiting for ${peer} to have what this primary recovered`);
  }
  return wait('strict: every commit is in both regions');
}

function soloPrimary(self: DataRegion, local: Primary, known: Known): Decision {
  const peer = peerOf(self);
  const { standby } = local;
  if (local.waitsForPeer) {
    if (local.standbySilentMs >= STANDBY_SILENT_LIMIT_MS) {
      return act({ type: 'go_without_peer' }, 'solo is recorded');
    }
    if (!local.settled) return act({ type: 'settle' }, 'not every backend is known to wait yet');
    return standby?.sync === true && standby.caughtUp
      ? rewrite(
          known,
          { mode: 'strict', syncSet: [peer], reason: `${peer} acknowledges synchronously` },
          `${peer} has caught up`,
        )
      : wait(`growing: waiting for ${peer} to catch up`);
  }
  if (local.gate === 'closed') return act({ type: 'open_gate' }, 'solo is recorded under this epoch');
  if (standby?.streaming !== true) return wait(`solo: ${peer} is not streaming`);
  if (standby.lagBytes > JOIN_LAG_LIMIT_BYTES) return wait(`solo: ${peer} is catching up`);
  // A frozen standby counts as streaming until its connection times out.
  if (local.standbySilentMs >= STANDBY_SILENT_LIMIT_MS) return wait(`solo: ${peer} does not acknowledge`);
  return act({ type: 'wait_for_peer' }, `${peer} streams close behind`);
}

function asStandby(seen: Observation, known: Known): Decision {
  const { local } = seen;
  const { leader, epoch } = known.record;
  const feeds = leaderFeeds(seen.peer, known.record);
  switch (local.state) {
    case 'absent':
      return feeds ? act({ type: 'clone' }, `copying ${leader}`) : wait(`waiting for ${leader} to serve`);
    case 'stopped':
      return follow(local, known.record, feeds);
    case 'primary':
      return act({ type: 'stop_postgres', mode: 'immediate' }, `deposed: ${leader} leads in epoch ${epoch}`);
    case 'unreachable':
      return wait('PostgreSQL does not answer');
    case 'standby':
      return watchLeader(seen, known, local.feedSilentMs, feeds);
    default:
      return local satisfies never;
  }
}

const leaderFeeds = (peer: PeerView, { phase }: ClusterRecord): boolean =>
  phase === 'serving' && !isSilent(peer) && peer.postgres === 'primary';

/** A stopped server that must follow the leader; one that was primary may have to take something back first. */
function follow(local: Stopped, { leader, epoch }: ClusterRecord, feeds: boolean): Decision {
  if (!local.wasPrimary) return act({ type: 'start_standby' }, `following ${leader}`);
  if (!feeds) return wait(`waiting for ${leader} to serve before joining it`);
  return local.rewindFailed
    ? act({ type: 'clone' }, `cannot be rewound: copying ${leader}`)
    : act({ type: 'rejoin' }, `joining ${leader} in epoch ${epoch}`);
}

function watchLeader(seen: Observation, known: Known, feedSilentMs: number, feeds: boolean): Decision {
  const { self, intent } = seen;
  const { leader, phase, syncSet } = known.record;
  const lost = leaderLost(seen, feedSilentMs, phase);
  if (lost !== null) {
    if (intent?.kind === 'pause') return wait(`${lost}; automation is paused`);
    if (!syncSet.includes(self))
      return wait(`${lost}; ${self} may lack acknowledged commits and does not lead`);
    return lead(known, self, lost);
  }
  return feeds && feedSilentMs > UNFED_LIMIT_MS
    ? act({ type: 'clone' }, `${leader} no longer has the WAL that ${self} needs`)
    : wait(`standby of ${leader}`);
}

/** Why the leader counts as lost; null while it does not. */
function leaderLost(
  { self, peer }: Observation,
  feedSilentMs: number,
  phase: ClusterRecord['phase'],
): string | null {
  const leader = peerOf(self);
  if (phase === 'bootstrapping' || !peer.expectedUp) return null;
  if (peer.provenDead) return `${leader} refuses connections to its agent and its database`;
  if (peer.silentMs >= LEADER_SILENT_LIMIT_MS) {
    return feedSilentMs >= LEADER_SILENT_LIMIT_MS ? `${leader} is silent` : null;
  }
  if (peer.postgres === 'crashed') return `PostgreSQL of ${leader} crashed`;
  if (peer.postgres === 'unreachable' && peer.unreachableMs >= LEADER_UNREACHABLE_LIMIT_MS) {
    return `PostgreSQL of ${leader} does not answer its agent`;
  }
  return null;
}
