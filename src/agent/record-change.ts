/** The decisions' vocabulary: to act, to wait, and how the cluster record may be rewritten. Pure. */
import type { ClusterRecord, Operation } from '../lib/cluster.ts';
import type { DataRegion } from '../lib/topology.ts';
import type { Action, Decision, PeerView } from './types.ts';

/** A leader whose heartbeat and WAL stream are both silent for this long is lost. */
export const LEADER_SILENT_LIMIT_MS = 1_200;

export type Known = { readonly record: ClusterRecord; readonly revision: number };

export const act = (action: Action, why: string): Decision => ({ kind: 'act', action, why });
export const wait = (why: string): Decision => ({ kind: 'wait', why });
export const isSilent = (peer: PeerView): boolean =>
  peer.provenDead || peer.silentMs >= LEADER_SILENT_LIMIT_MS;

/** The record as it is but for `change`, at the revision it was read at. */
export function rewrite({ record, revision }: Known, change: Partial<ClusterRecord>, why: string): Decision {
  const { since: _, marks: __, ...rest } = { ...record, ...change };
  return act({ type: 'write_record', revision, record: rest }, why);
}

/** As `rewrite`, for a change that belongs to no operation and ends any growth. */
export function endOperation(
  { record, revision }: Known,
  change: Partial<ClusterRecord>,
  why: string,
): Decision {
  const { operation: _, growing: __, ...rest } = record;
  return rewrite({ record: rest, revision }, change, why);
}

/**
 * As `rewrite`, giving up the growth. A write of strict that is still under way names the revision before this
 * one and can no longer happen: only then may commits stop waiting.
 */
export function endGrowth({ record, revision }: Known, reason: string): Decision {
  const { growing: _, ...rest } = record;
  return rewrite({ record: rest, revision }, { reason }, reason);
}

/** A new epoch under a leader that is alone until its peer has come back; `syncSet` may still take it over. */
export function lead(
  known: Known,
  leader: DataRegion,
  syncSet: DataRegion[],
  operation: Operation,
  reason: string,
): Decision {
  const epoch = known.record.epoch + 1;
  return rewrite(
    known,
    { epoch, leader, syncSet, mode: 'solo', phase: 'promoting', reason, operation },
    reason,
  );
}

export function takeOver(known: Known, self: DataRegion, reason: string): Decision {
  const { epoch, leader } = known.record;
  const operation: Operation = { id: `takeover-${epoch + 1}`, kind: 'takeover', from: leader };
  return lead(known, self, [], operation, reason);
}
