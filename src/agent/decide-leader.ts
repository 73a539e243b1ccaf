/** What the region that the record names leader does. Pure. */
import type { Operation } from '../lib/cluster.ts';
import { type DataRegion, peerOf } from '../lib/topology.ts';
import { act, endGrowth, endOperation, isSilent, type Known, lead, rewrite, wait } from './record-change.ts';
import type { Decision, LocalPostgres, Observation, PeerView } from './types.ts';

/** A standby that acknowledges nothing for this long no longer holds up writes. */
export const STANDBY_SILENT_LIMIT_MS = 1_000;
/** How long a leader leaves its crashed PostgreSQL to the peer before it starts it again itself. */
export const CRASH_YIELD_MS = 3_000;
/** A standby joins the sync set only from close behind: writes must not wait for a long catch-up. */
export const JOIN_LAG_LIMIT_BYTES = 16 * 1024 * 1024;

type Primary = Extract<LocalPostgres, { state: 'primary' }>;
type Stopped = Extract<LocalPostgres, { state: 'stopped' }>;

export function asLeader(seen: Observation, known: Known): Decision {
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

/** The new leader fences this region whether or not its PostgreSQL still runs: it is stopped as a deposed one is. */
function handOver(self: DataRegion, peer: PeerView, known: Known): Decision {
  const { record } = known;
  const operation: Operation = record.operation ?? {
    id: `switchover-${record.epoch + 1}`,
    kind: 'switchover',
    from: self,
  };
  return isSilent(peer) || peer.postgres !== 'standby'
    ? rewrite(known, { phase: 'serving', reason: `${peerOf(self)} went away` }, 'the handover is given up')
    : lead(known, peerOf(self), [self], operation, `switched over from ${self}`);
}

function asStoppedLeader({ self, peer, paused }: Observation, local: Stopped, known: Known): Decision {
  const { record } = known;
  if (!local.wasPrimary) return act({ type: 'start_standby' }, 'to be promoted from what it has');
  if (record.phase === 'handing_over') return handOver(self, peer, known);
  const yielding =
    !paused &&
    record.mode === 'strict' &&
    local.crashed &&
    !isSilent(peer) &&
    local.stoppedMs < CRASH_YIELD_MS;
  if (yielding) return wait(`PostgreSQL crashed: ${peerOf(self)} is to take over`);
  return act(
    { type: 'start_primary', waitForPeer: record.mode === 'strict' },
    `the record names ${self} leader in epoch ${record.epoch}`,
  );
}

function asPrimary(seen: Observation, local: Primary, known: Known): Decision {
  const { record } = known;
  if (record.phase === 'handing_over') {
    return local.gate === 'open' && !isSilent(seen.peer)
      ? act({ type: 'drain' }, `handing over to ${peerOf(seen.self)}`)
      : handOver(seen.self, seen.peer, known);
  }
  if (!local.prepared) return act({ type: 'prepare_database' }, 'schema or registry is not in place');
  if (record.phase === 'bootstrapping') {
    return rewrite(known, { phase: 'serving', reason: 'database prepared' }, 'the database is prepared');
  }
  if (record.phase === 'promoting') {
    // The record first: until it says so, whoever has every acknowledged commit may still take over.
    return rewrite(known, { phase: 'serving', syncSet: [] }, `${seen.self} serves`);
  }
  // A promoted leader serves before it prepares for a standby that may be away for long.
  if (record.mode === 'solo' && !local.waitsForPeer && local.gate === 'closed') {
    // A write of strict by an earlier life of this agent may still be under way (hazard H9).
    if (record.growing === true) return endGrowth(known, 'restarted while growing');
    return act({ type: 'open_gate' }, `solo is recorded in epoch ${record.epoch}`);
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
  if (intent === null) return null;
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
  if (local.checkpointedFor !== intent.id) {
    return act(
      { type: 'checkpoint', intent: intent.id },
      'switchover asked for: writing what the stop would',
    );
  }
  return rewrite(
    known,
    {
      phase: 'handing_over',
      reason: 'switchover asked for',
      operation: { id: intent.id, kind: 'switchover', from: self },
    },
    'switchover asked for',
  );
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
    return endOperation(
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
  if (local.waitsForPeer) return growingPrimary(peer, local, known);
  if (standby?.streaming !== true) return wait(`solo: ${peer} is not streaming`);
  if (standby.lagBytes > JOIN_LAG_LIMIT_BYTES) return wait(`solo: ${peer} is catching up`);
  // A frozen standby counts as streaming until its connection times out.
  if (local.standbySilentMs >= STANDBY_SILENT_LIMIT_MS) return wait(`solo: ${peer} does not acknowledge`);
  return known.record.growing === true
    ? act({ type: 'wait_for_peer' }, `${peer} streams close behind`)
    : grow(known, peer);
}

/** Solo is recorded and commits wait: on the way to strict, or from it. */
function growingPrimary(peer: DataRegion, local: Primary, known: Known): Decision {
  const { standby, standbySilentMs } = local;
  const growing = known.record.growing === true;
  if (standbySilentMs >= STANDBY_SILENT_LIMIT_MS) {
    return growing
      ? endGrowth(known, `${peer} stopped acknowledging`)
      : act({ type: 'go_without_peer' }, 'solo is recorded');
  }
  if (!local.settled) return act({ type: 'settle' }, 'not every backend is known to wait yet');
  if (standby?.sync !== true || !standby.caughtUp) return wait(`growing: waiting for ${peer} to catch up`);
  if (!growing) return grow(known, peer);
  return endOperation(
    known,
    { mode: 'strict', syncSet: [peer], reason: `${peer} acknowledges synchronously` },
    `${peer} has caught up`,
  );
}

/** Recorded before anything waits, so that ending it is a write as well: see `endGrowth`. */
const grow = (known: Known, peer: DataRegion): Decision =>
  rewrite(known, { growing: true }, `${peer} streams close behind`);
