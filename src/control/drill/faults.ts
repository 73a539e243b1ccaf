/** The faults that a drill can bring about: whom each hits, with which signal, and what must follow. */

import type { FaultName } from '../../lib/control-schemas.ts';
import { OperatingError } from '../../lib/errors.ts';
import { processTree, signalProcess } from '../../lib/process-table.ts';
import { frozenProcesses, isAlive, postmaster, readRunState } from '../../lib/run-state.ts';
import { type DataRegion, type Group, MEMBERS, type Member } from '../../lib/topology.ts';

type Fault = {
  /** What it does to `region`, for people. */
  readonly says: (region: string) => string;
  readonly signal: 'SIGKILL' | 'SIGSTOP' | null;
  /** The region's leadership must pass to the other one when it hits the leader. */
  readonly takeover: boolean;
};

export const FAULTS: Readonly<Record<FaultName, Fault>> = {
  kill: {
    says: (region) => `every process of ${region} is killed at once (SIGKILL)`,
    signal: 'SIGKILL',
    takeover: true,
  },
  freeze: {
    says: (region) => `every process of ${region} is frozen (SIGSTOP), and continued later`,
    signal: 'SIGSTOP',
    takeover: true,
  },
  'kill-postgres': {
    says: (region) => `PostgreSQL of ${region} is killed (SIGKILL)`,
    signal: 'SIGKILL',
    takeover: true,
  },
  'freeze-postgres': {
    says: (region) => `PostgreSQL of ${region} is frozen (SIGSTOP), and continued later`,
    signal: 'SIGSTOP',
    takeover: true,
  },
  'kill-agent': {
    says: (region) => `the agent of ${region} is killed (SIGKILL)`,
    signal: 'SIGKILL',
    takeover: false,
  },
  'kill-etcd-leader': {
    says: (region) => `the etcd member that leads, in ${region}, is killed (SIGKILL)`,
    signal: 'SIGKILL',
    takeover: false,
  },
  'kill-witness': {
    says: () => 'every process of the witness is killed at once (SIGKILL)',
    signal: 'SIGKILL',
    takeover: false,
  },
  switchover: {
    says: (region) => `the leader is moved away from ${region} on request`,
    signal: null,
    takeover: true,
  },
};

/** The pids that a fault hits, the one that restarts the others first. Throws OperatingError when there are none. */
export function victimsOf(fault: FaultName, dataDir: string, member: Member): number[] {
  const roots = rootsOf(fault, dataDir, member).filter((pid) => pid !== null);
  // The agent's PostgreSQL is its child, and outlives it.
  const pids = fault === 'kill-agent' ? roots : processTree(roots);
  if (pids.length === 0) {
    const message = `nothing of ${member} runs that ${fault} could break`;
    throw new OperatingError('conflict', message, message);
  }
  return pids;
}

function rootsOf(fault: FaultName, dataDir: string, member: Member): (number | null)[] {
  const server = (): number | null => postmaster(dataDir, member)?.pid ?? null;
  switch (fault) {
    case 'kill':
    case 'freeze':
    case 'kill-witness':
      return [supervisorOf(dataDir, member), server(), ...processesOf(dataDir, member)];
    case 'kill-postgres':
    case 'freeze-postgres':
      return [server()];
    case 'kill-agent':
      return [processOf(dataDir, member, 'agent')];
    case 'kill-etcd-leader':
      return [processOf(dataDir, member, 'etcd')];
    case 'switchover':
      return [];
    default:
      return fault satisfies never;
  }
}

function supervisorOf(dataDir: string, group: Group): number | null {
  const state = readRunState(dataDir, group);
  return isAlive(state) ? state.pid : null;
}

function processesOf(dataDir: string, group: Group): (number | null)[] {
  return (readRunState(dataDir, group)?.processes ?? []).map(({ pid }) => pid);
}

function processOf(dataDir: string, group: Group, name: string): number | null {
  return readRunState(dataDir, group)?.processes.find((one) => one.name === name)?.pid ?? null;
}

/** Sends the signal to all, which may be gone already. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) signalProcess(pid, signal);
}

/** True when the region's supervisor lives and every process of it is ready, PostgreSQL's apart. */
export function isWhole(dataDir: string, member: Member): boolean {
  const state = readRunState(dataDir, member);
  return isAlive(state) && state.processes.every((one) => one.state === 'ready');
}

/** Continues whatever of the regions is frozen; returns the regions in which something was. */
export function continueFrozen(dataDir: string): Member[] {
  return MEMBERS.filter((member) => {
    const frozen = frozenProcesses(dataDir, member);
    signalAll(frozen, 'SIGCONT');
    return frozen.length > 0;
  });
}

/** The region that a request's target names now. */
export function resolveTarget(
  target: DataRegion | 'leader' | 'standby',
  leader: DataRegion,
  peer: DataRegion,
): DataRegion {
  if (target === 'leader') return leader;
  return target === 'standby' ? peer : target;
}
