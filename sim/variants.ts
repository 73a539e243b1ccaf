/**
 * Broken agents: each leaves out one thing that safety rests on, and the simulation must catch it. They change
 * production's decisions, or the observation that it is given, as a careless edit would.
 */
import { decide } from '../src/agent/decide.ts';
import { STANDBY_SILENT_LIMIT_MS } from '../src/agent/decide-leader.ts';
import { act, isSilent, LEADER_SILENT_LIMIT_MS, takeOver } from '../src/agent/record-change.ts';
import type { LocalPostgres, Observation } from '../src/agent/types.ts';
import type { ClusterRecord } from '../src/lib/cluster.ts';
import type { Decide, Variant } from './agent.ts';

export const PRODUCTION: Variant = { decide, sabotage: {} };

type Primary = Extract<LocalPostgres, { state: 'primary' }>;

const asPrimary = ({ local }: Observation): Primary | null => (local.state === 'primary' ? local : null);

/** The record, if it is known and names this region leader. */
function ledRecord({ record, self }: Observation): ClusterRecord | null {
  return record.kind === 'known' && record.record.leader === self ? record.record : null;
}

const standbyIsSilent = (local: Primary): boolean => local.standbySilentMs >= STANDBY_SILENT_LIMIT_MS;

const unknownAsDown: Decide = (seen) => {
  const primary = asPrimary(seen);
  if (seen.record.kind === 'unknown' && primary?.waitsForPeer === true && standbyIsSilent(primary)) {
    return act({ type: 'go_without_peer' }, 'nobody answers, so nobody is there');
  }
  const provenDead = seen.peer.silentMs >= LEADER_SILENT_LIMIT_MS;
  return decide({ ...seen, peer: { ...seen.peer, provenDead } });
};

const shrinkBeforeRecording: Decide = (seen) => {
  const primary = asPrimary(seen);
  const strict = ledRecord(seen)?.mode === 'strict';
  return strict && primary?.waitsForPeer === true && standbyIsSilent(primary)
    ? act({ type: 'go_without_peer' }, 'the record can wait')
    : decide(seen);
};

const takeoverOutsideSyncSet: Decide = (seen) => {
  const { record, self, local, peer } = seen;
  const follows = record.kind === 'known' && record.record.leader !== self && local.state === 'standby';
  return follows && peer.expectedUp && isSilent(peer) && record.record.phase !== 'bootstrapping'
    ? takeOver(record, self, 'somebody must lead')
    : decide(seen);
};

const openBeforeServing: Decide = (seen) => {
  const primary = asPrimary(seen);
  return ledRecord(seen)?.phase === 'promoting' && primary?.gate === 'closed'
    ? act({ type: 'open_gate' }, 'promoted')
    : decide(seen);
};

const startWithoutAsking: Decide = (seen) => {
  const { local } = seen;
  return local.state === 'stopped' && local.wasPrimary
    ? act({ type: 'start_primary', waitForPeer: false }, 'it was primary before')
    : decide(seen);
};

/** As production was until the simulation found it: a growth is known to nobody but its agent. */
const growUnrecorded: Decide = (seen) => {
  const primary = asPrimary(seen);
  if (seen.record.kind !== 'known' || primary === null || seen.record.record.mode !== 'solo')
    return decide(seen);
  const { growing: _, ...plain } = seen.record.record;
  const grows = (primary.gate === 'open' || primary.waitsForPeer) && !standbyIsSilent(primary);
  const record: ClusterRecord = grows ? { ...plain, growing: true } : plain;
  return decide({ ...seen, record: { ...seen.record, record } });
};

const growTooEarly: Decide = (seen) => {
  const primary = asPrimary(seen);
  if (primary?.standby == null || primary.gate !== 'open') return decide(seen);
  const standby = { ...primary.standby, sync: true, caughtUp: true };
  return decide({ ...seen, local: { ...primary, settled: true, standby } });
};

/** Hazard H4: what crash recovery brought back is shown, and confirmed, before the peer has it. */
const openUnreplicated: Decide = (seen) => {
  const primary = asPrimary(seen);
  return ledRecord(seen)?.mode === 'strict' && primary?.gate === 'closed' && primary.waitsForPeer
    ? act({ type: 'open_gate' }, 'it is up')
    : decide(seen);
};

/** As production was: a standby that never comes up is waited for without end. */
const waitForStuckStandby: Decide = (seen) =>
  decide(seen.local.state === 'unreachable' ? { ...seen, local: { state: 'unreachable' } } : seen);

/** By the name that `--variant` takes. */
export const BROKEN: Readonly<Record<string, Variant>> = {
  'skip-fence': { decide, sabotage: { skipsFence: true } },
  'unknown-as-down': { decide: unknownAsDown, sabotage: {} },
  'ignore-revision': { decide, sabotage: { ignoresRevision: true } },
  'shrink-before-recording': { decide: shrinkBeforeRecording, sabotage: {} },
  'takeover-outside-sync-set': { decide: takeoverOutsideSyncSet, sabotage: {} },
  'open-before-serving': { decide: openBeforeServing, sabotage: {} },
  'start-without-asking': { decide: startWithoutAsking, sabotage: {} },
  'grow-unrecorded': { decide: growUnrecorded, sabotage: {} },
  'grow-too-early': { decide: growTooEarly, sabotage: {} },
  'initialise-in-place': { decide, sabotage: { initialisesInPlace: true } },
  'wait-for-stuck-standby': { decide: waitForStuckStandby, sabotage: {} },
  'open-unreplicated': { decide: openUnreplicated, sabotage: {} },
};
