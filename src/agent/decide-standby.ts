/** What the region that does not lead does: follows the leader, and takes over when it may. Pure. */
import type { ClusterRecord } from '../lib/cluster.ts';
import { peerOf } from '../lib/topology.ts';
import { act, isSilent, type Known, LEADER_SILENT_LIMIT_MS, takeOver, wait } from './record-change.ts';
import type { Decision, LocalPostgres, Observation, PeerView } from './types.ts';

/** A leader whose agent lives but cannot reach its own PostgreSQL for this long is lost. */
const LEADER_UNREACHABLE_LIMIT_MS = 500;
/** A leader that lets clients in but has not committed a canary for this long is lost (hazard H12). */
export const CANARY_SILENT_LIMIT_MS = 3_000;
/** A standby that a serving leader has not fed for this long cannot follow it any more. */
export const UNFED_LIMIT_MS = 20_000;
/**
 * A server that must follow and lets nobody in for this long will not: after a rewind it waits, without end, for
 * WAL that the leader may have recycled meanwhile. Longer than any recovery that is worth waiting for.
 */
export const STUCK_LIMIT_MS = 60_000;

type Stopped = Extract<LocalPostgres, { state: 'stopped' }>;

export function asStandby(seen: Observation, known: Known): Decision {
  const { local } = seen;
  const { leader, epoch } = known.record;
  const feeds = leaderFeeds(seen.peer, known.record);
  switch (local.state) {
    case 'absent':
      return feeds ? act({ type: 'clone' }, `copying ${leader}`) : wait(`waiting for ${leader} to serve`);
    case 'stopped':
      return takeBack(seen, known) ?? follow(local, known.record, feeds);
    case 'primary':
      return act({ type: 'stop_postgres' }, `deposed: ${leader} leads in epoch ${epoch}`);
    case 'unreachable':
      return feeds && (local.unreachableMs ?? 0) >= STUCK_LIMIT_MS
        ? act({ type: 'clone' }, `it does not come up: copying ${leader}`)
        : wait('PostgreSQL does not answer');
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

/**
 * The old leader of a handover has every acknowledged commit until the new one serves: when the new one is lost
 * before that, it leads again.
 */
function takeBack(seen: Observation, known: Known): Decision | null {
  const { phase, syncSet } = known.record;
  if (phase !== 'promoting' || !syncSet.includes(seen.self) || seen.paused) return null;
  const lost = leaderLost(seen, Number.POSITIVE_INFINITY, phase);
  return lost === null ? null : takeOver(known, seen.self, `${lost} before it served`);
}

function watchLeader(seen: Observation, known: Known, feedSilentMs: number, feeds: boolean): Decision {
  const { self, paused } = seen;
  const { leader, phase, syncSet } = known.record;
  const lost = leaderLost(seen, feedSilentMs, phase);
  if (lost !== null) {
    if (paused) return wait(`${lost}; automation is paused`);
    if (!syncSet.includes(self))
      return wait(`${lost}; ${self} may lack acknowledged commits and does not lead`);
    return takeOver(known, self, lost);
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
  if (peer.canarySilentMs >= CANARY_SILENT_LIMIT_MS) return `nothing commits in ${leader}`;
  return null;
}
