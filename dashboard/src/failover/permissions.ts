/**
 * Which commands make sense now, and why not. The agents decide again and have the last word: this only keeps
 * a reader from asking for what is known to be refused.
 */
import type { CurrentDrill, StatusBody } from '../../../src/lib/control-schemas.ts';
import { isMoving, peerOf, type Region } from './cluster-state.ts';

export type Permission = { readonly allowed: true } | { readonly allowed: false; readonly why: string };

export type Situation = {
  readonly status: StatusBody | null;
  readonly drill: CurrentDrill;
  /** The command that has no answer yet. */
  readonly sending: string | null;
};

const YES: Permission = { allowed: true };
const no = (why: string): Permission => ({ allowed: false, why });

/** Whether anything that changes the cluster can be asked for. */
function mayChange({ status, sending }: Situation): Permission {
  if (sending !== null) return no(`${sending} has no answer yet.`);
  if (status === null) return no('No agent has answered yet.');
  if (status.view === 'stale') return no(`${status.region} has lost its majority: it can change nothing.`);
  return YES;
}

function maySwitch(situation: Situation): Permission {
  const { status, drill } = situation;
  const change = mayChange(situation);
  if (!change.allowed) return change;
  const record = status?.record ?? null;
  if (record === null) return no('Nobody is on record as leader yet.');
  if (isMoving(record)) return no('The leader is changing now.');
  if (drill !== null) return no('A drill runs: it moves the leader itself.');
  if (record.phase !== 'serving') return no('The cluster is still starting.');
  if (record.mode === 'solo' || record.sync_set.length === 0) {
    return no(`Solo: ${record.leader} alone has every write. It can move once both regions do.`);
  }
  return YES;
}

export type Move = { readonly target: Region; readonly permission: Permission };

/** The move that is possible at all: to the region that does not lead. */
export function plannedMove(situation: Situation): Move {
  const leader = situation.status?.record?.leader ?? null;
  return { target: leader === null ? 'region2' : peerOf(leader), permission: maySwitch(situation) };
}

export function mayDrill(situation: Situation): Permission {
  if (situation.drill !== null) return no('A drill runs already.');
  return maySwitch(situation);
}

export const mayPause = mayChange;

/** Healing is for when things are broken: only an unanswered command is a reason to wait. */
export function mayHeal({ sending }: Situation): Permission {
  return sending === null ? YES : no(`${sending} has no answer yet.`);
}
