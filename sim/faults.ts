/** The faults and operators' requests of one run, drawn from its seed, and how each begins and ends. */
import { DATA_REGIONS, type DataRegion, MEMBERS, type Member, peerOf } from '../src/lib/topology.ts';
import { TICK_MS, type World } from './world.ts';

export type Fault = {
  readonly atMs: number;
  readonly forMs: number;
  readonly kind: FaultKind;
  readonly region: DataRegion;
  readonly member: Member;
  readonly other: Member;
};

/** What faults do things to; simulation.ts. */
export type Subject = {
  readonly world: World;
  killAgent(region: DataRegion, by: 1 | -1): void;
  stopAgent(region: DataRegion): void;
  freezeAgent(region: DataRegion, by: 1 | -1): void;
  starveAgent(region: DataRegion, lateMs: number): void;
  killPostgres(region: DataRegion): void;
  freezePostgres(region: DataRegion, by: 1 | -1): void;
  stopEtcd(member: Member, by: 1 | -1): void;
  freezeEtcd(member: Member, by: 1 | -1): void;
  recycleWal(region: DataRegion): void;
  askSwitchover(target: DataRegion): void;
  pauseAutomation(paused: boolean): void;
};

type Effect = (subject: Subject, fault: Fault, by: 1 | -1) => void;

const changeCut = ({ world: { network } }: Subject, from: Member, to: Member, by: 1 | -1): void =>
  by === 1 ? network.cut(from, to) : network.heal(from, to);

/** An effect that only begins: what it did is the agents' to repair. */
const once =
  (effect: (subject: Subject, fault: Fault) => void): Effect =>
  (subject, fault, by) => {
    if (by === 1) effect(subject, fault);
  };

/** How each kind begins (`by` 1) and ends (-1). */
const EFFECTS = {
  'kill agent': (subject, { region }, by) => subject.killAgent(region, by),
  'stop agent in order': once((subject, { region }) => subject.stopAgent(region)),
  'freeze agent': (subject, { region }, by) => subject.freezeAgent(region, by),
  'starve agent': (subject, { region, forMs }, by) =>
    subject.starveAgent(region, by === 1 ? 200 + (forMs % 1_500) : 0),
  'kill postgres': once((subject, { region }) => subject.killPostgres(region)),
  'freeze postgres': (subject, { region }, by) => subject.freezePostgres(region, by),
  'kill region': (subject, { region }, by) => {
    if (by === 1) subject.killPostgres(region);
    subject.killAgent(region, by);
    subject.stopEtcd(region, by);
  },
  'freeze region': (subject, { region }, by) => {
    subject.freezeAgent(region, by);
    subject.freezePostgres(region, by);
    subject.freezeEtcd(region, by);
  },
  'darken region': (subject, { region }, by) => {
    for (const peer of MEMBERS.filter((member) => member !== region)) {
      changeCut(subject, region, peer, by);
      changeCut(subject, peer, region, by);
    }
  },
  'cut one way': (subject, { member, other }, by) => changeCut(subject, member, other, by),
  'cut both ways': (subject, { member, other }, by) => {
    changeCut(subject, member, other, by);
    changeCut(subject, other, member, by);
  },
  'stop etcd member': (subject, { member }, by) => subject.stopEtcd(member, by),
  'freeze etcd member': (subject, { member }, by) => subject.freezeEtcd(member, by),
  'no etcd majority': (subject, { member, other }, by) => {
    subject.stopEtcd(member, by);
    subject.stopEtcd(other, by);
  },
  'lose etcd replies': ({ world }, _, by) => {
    world.lostReplies = by === 1 ? 0.5 : 0;
  },
  'slow etcd': ({ world }, { forMs }, by) => {
    world.etcdDelayMs = by === 1 ? 200 + (forMs % 700) : TICK_MS;
  },
  'late record writes': ({ world }, { forMs }, by) => {
    world.lateWritesMs = by === 1 ? 300 + (forMs % 5_000) : 0;
  },
  'slow WAL': ({ world }, { forMs }, by) => {
    world.walDelayMs = by === 1 ? 50 + (forMs % 1_000) : TICK_MS;
  },
  'recycle WAL': once((subject, { region }) => subject.recycleWal(region)),
  /** Half of all operators ask for the way back when the fault's time is over. */
  switchover: (subject, { region }, by) => {
    if (by === 1) subject.askSwitchover(region);
    else if (subject.world.chance(0.5)) subject.askSwitchover(peerOf(region));
  },
  pause: (subject, _, by) => subject.pauseAutomation(by === 1),
} as const satisfies Record<string, Effect>;

type FaultKind = keyof typeof EFFECTS;
const FAULT_KINDS = Object.keys(EFFECTS) as FaultKind[];

export const apply: Effect = (subject, fault, by) => EFFECTS[fault.kind](subject, fault, by);

/** Half of all runs know only a few kinds of fault: what needs two of them to meet is met far more often so. */
function drawKinds({ random }: World): FaultKind[] {
  const count = random.int(2) === 0 ? FAULT_KINDS.length : 2 + random.int(4);
  return [...random.permutation(FAULT_KINDS.length).slice(0, count)].map(
    (at) => FAULT_KINDS[at] ?? 'kill agent',
  );
}

/** Up to twelve faults, more often close together than apart. */
export function drawFaults(world: World, fromMs: number, toMs: number): Fault[] {
  const { random } = world;
  const kinds = drawKinds(world);
  const count = 1 + random.int(12);
  const faults: Fault[] = [];
  let atMs = fromMs + world.delayMs((toMs - fromMs) / 2);
  for (let drawn = 0; drawn < count && atMs < toMs; drawn++) {
    const member = MEMBERS[random.int(MEMBERS.length)] ?? 'witness';
    const others = MEMBERS.filter((candidate) => candidate !== member);
    faults.push({
      atMs,
      forMs: Math.ceil(random.exponential(random.int(3) === 0 ? 6_000 : 1_500) / TICK_MS) * TICK_MS,
      kind: kinds[random.int(kinds.length)] ?? 'kill agent',
      region: DATA_REGIONS[random.int(2)] ?? 'region1',
      member,
      other: others[random.int(others.length)] ?? 'witness',
    });
    atMs += Math.ceil(random.exponential(1_200) / TICK_MS) * TICK_MS;
  }
  return faults;
}

export const describeFault = ({ kind, region, member, other, forMs }: Fault): string => {
  if (kind.startsWith('cut'))
    return `${kind}: ${member} ${kind === 'cut one way' ? '>' : '|'} ${other}, ${forMs} ms`;
  if (kind.includes('member')) return `${kind} ${member}, ${forMs} ms`;
  return `${kind} ${region}, ${forMs} ms`;
};
