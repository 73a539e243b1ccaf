/** The faults a drill can bring about: what each breaks and what is expected of the system. */
import type { DrillRequest, FaultName } from '../../../src/lib/control-schemas.ts';
import { peerOf, type Region } from './cluster-state.ts';

export type Target = DrillRequest['target'];

type Fault = {
  readonly label: string;
  /** One region is hit, and the drill may choose which. */
  readonly aimed: boolean;
  readonly frozen: boolean;
  /** `where`: the region that is hit; `freeze`: for how long. */
  readonly breaks: (where: string, freeze: string) => string;
  readonly leaderHit: (leader: string, peer: string) => string;
  readonly standbyHit: (leader: string) => string;
};

const TAKES_OVER = (leader: string, peer: string) =>
  `Expected: ${peer} takes over and writes go on within one second; nothing acknowledged is lost or doubled; ${leader} comes back as standby.`;
const GOES_SOLO = (leader: string) =>
  `Expected: ${leader} goes on alone after about a second (solo) and is strict again once the standby is back.`;
const NOTICES_NOTHING = () => 'Expected: no change of leader, and no request fails.';

export const FAULTS: Readonly<Record<FaultName, Fault>> = {
  kill: {
    label: 'Kill a region',
    aimed: true,
    frozen: false,
    breaks: (where) =>
      `Every process of ${where} is killed at the same instant (SIGKILL): PostgreSQL, Redis, etcd, its agent and every role.`,
    leaderHit: TAKES_OVER,
    standbyHit: GOES_SOLO,
  },
  freeze: {
    label: 'Freeze a region',
    aimed: true,
    frozen: true,
    breaks: (where, freeze) =>
      `Every process of ${where} stands still for ${freeze} (SIGSTOP) and then goes on as if nothing had happened.`,
    leaderHit: TAKES_OVER,
    standbyHit: GOES_SOLO,
  },
  'kill-postgres': {
    label: 'Kill PostgreSQL',
    aimed: true,
    frozen: false,
    breaks: (where) => `PostgreSQL of ${where} is killed (SIGKILL); everything else there keeps running.`,
    leaderHit: TAKES_OVER,
    standbyHit: GOES_SOLO,
  },
  'freeze-postgres': {
    label: 'Freeze PostgreSQL',
    aimed: true,
    frozen: true,
    breaks: (where, freeze) =>
      `PostgreSQL of ${where} stands still for ${freeze}: its port stays open, but nothing answers (a grey failure).`,
    leaderHit: TAKES_OVER,
    standbyHit: GOES_SOLO,
  },
  'kill-agent': {
    label: 'Kill the agent',
    aimed: true,
    frozen: false,
    breaks: (where) => `The agent of ${where} is killed; its PostgreSQL keeps serving.`,
    leaderHit: NOTICES_NOTHING,
    standbyHit: NOTICES_NOTHING,
  },
  'kill-etcd-leader': {
    label: 'Kill the etcd leader',
    aimed: false,
    frozen: false,
    breaks: () => 'The etcd member that leads is killed; the other two elect another one.',
    leaderHit: NOTICES_NOTHING,
    standbyHit: NOTICES_NOTHING,
  },
  'kill-witness': {
    label: 'Kill the witness',
    aimed: false,
    frozen: false,
    breaks: () => 'Every process of the witness is killed; both regions still make a majority.',
    leaderHit: NOTICES_NOTHING,
    standbyHit: NOTICES_NOTHING,
  },
  switchover: {
    label: 'Switchover',
    aimed: false,
    frozen: false,
    breaks: () => 'Nothing is broken: the leader is moved as planned, under load.',
    leaderHit: (leader, peer) =>
      `Expected: writes are held for about half a second while the leader moves from ${leader} to ${peer}; no request fails.`,
    standbyHit: NOTICES_NOTHING,
  },
};

export const FAULT_NAMES: readonly FaultName[] = [
  'kill',
  'freeze',
  'kill-postgres',
  'freeze-postgres',
  'kill-agent',
  'kill-etcd-leader',
  'kill-witness',
  'switchover',
];

export const TARGETS: readonly Target[] = ['leader', 'standby', 'region1', 'region2'];

/** The region that `target` means while `leader` leads. */
export function victimOf(target: Target, leader: Region): Region {
  switch (target) {
    case 'leader':
      return leader;
    case 'standby':
      return peerOf(leader);
    default:
      return target;
  }
}

export type Prospect = { readonly breaks: string; readonly expected: string };

/** What the drill breaks and what should come of it, if `leader` leads when it starts. */
export function prospect(request: DrillRequest, leader: Region): Prospect {
  const fault = FAULTS[request.fault];
  const victim = fault.aimed ? victimOf(request.target, leader) : leader;
  return {
    breaks: fault.breaks(victim, `${request.freeze_s} s`),
    expected: victim === leader ? fault.leaderHit(leader, peerOf(leader)) : fault.standbyHit(leader),
  };
}

/** The target as a report names it, or nothing where there is none to choose. */
export function faultTitle(fault: FaultName, target: string): string {
  const { label, aimed } = FAULTS[fault];
  return aimed ? `${label}: ${target}` : label;
}

/** The sentences of the confirmation, `leader` leading. */
export function drillSentences(request: DrillRequest, leader: Region): string[] {
  const { breaks, expected } = prospect(request, leader);
  const { repeat, target } = request;
  const moves = FAULTS[request.fault].aimed && (target === 'leader' || target === 'standby');
  const again =
    repeat === 1
      ? 'Once; afterwards it is healed and the stores are compared with what was acknowledged.'
      : `${repeat} times${moves ? `, each time whichever region is ${target} then` : ''}; after each run it is healed, and the stores are compared with what was acknowledged.`;
  const load =
    request.telemetry_per_s === undefined
      ? `Load: ${request.writes_per_s} writes a second of a measuring client, and the usual telemetry.`
      : `Load: ${request.writes_per_s} writes a second of a measuring client, ${request.telemetry_per_s} readings a second.`;
  return [breaks, expected, again, load];
}

/** The sentences of the confirmation of a planned move. */
export function moveSentences(leader: Region): string[] {
  const target = peerOf(leader);
  return [
    'New writes are held at the routers, not refused.',
    `PostgreSQL of ${leader} stops; everything it has written reaches ${target} first.`,
    `${target} is promoted under the next epoch, and the held writes go there.`,
    `${leader} comes back as standby, and both regions hold every write again.`,
    'Expected pause of writes: about 0.5 s. If it could lose data it is refused, and nothing changes.',
  ];
}
