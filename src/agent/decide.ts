/**
 * The agent's decisions: one observation in, at most one action out. Pure; no clock, no I/O.
 *
 * The record in etcd says who leads. PostgreSQL follows it: the leader runs a primary, everyone else a
 * standby (invariant 5). Clients reach a primary only through its gate, which opens when the primary keeps
 * the record's promise: in `strict` every commit waits for the peer, in `solo` the record says so first.
 *
 *   solo ──▶ record growing ──▶ wait_for_peer ──peer caught up and sync──▶ record strict    grow: invariant 1
 *   growing ──peer silent──▶ record solo ──▶ go_without_peer                                      hazard H9
 *   strict ──peer silent──▶ record solo ──▶ go_without_peer                              shrink: invariant 2
 *   strict ──leader lost──▶ record {epoch+1, self, solo, promoting} ──▶ promote ──▶ serving       takeover
 *   strict ──intent──▶ record handing_over ──▶ drain ──▶ record {epoch+1, peer, promoting}        switchover
 *
 * Only a member of the sync set takes over (invariant 3): it has every acknowledged commit, and once it has
 * stopped receiving, the old leader can acknowledge nothing more. After a handover the old leader stays in the
 * sync set until the new one serves: a new leader that is lost before its first write loses nothing.
 */

import type { DataRegion } from '../lib/topology.ts';
import { asLeader } from './decide-leader.ts';
import { asStandby } from './decide-standby.ts';
import { act, wait } from './record-change.ts';
import type { Decision, Observation } from './types.ts';

/** The region that initialises an empty cluster. */
const FIRST_LEADER: DataRegion = 'region1';

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
