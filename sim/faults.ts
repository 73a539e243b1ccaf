/** The faults and operators' requests of one run, drawn from its seed, and how each begins and ends. */
import { DATA_REGIONS, type DataRegion, MEMBERS, type Member, peerOf } from '../src/lib/topology.ts';
import { TICK_MS, type World } from './world.ts';

export const FAULT_KINDS = [
  'kill agent',
  'stop agent in order',
  'freeze agent',
  'starve agent',
  'kill postgres',
  'freeze postgres',
  'kill region',
  'freeze region',
  'darken region',
  'cut one way',
  'cut both ways',
  'stop etcd member',
  'freeze etcd member',
  'no etcd majority',
  'lose etcd replies',
  'slow etcd',
  'late record writes',
  'slow WAL',
  'recycle WAL',
  'switchover',
  'pause',
] as const;

export type Fault = {
  readonly atMs: number;
  readonly forMs: number;
  readonly kind: (typeof FAULT_KINDS)[number];
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

/** Half of all runs know only a few kinds of fault: what needs two of them to meet is met far more often so. */
function drawKinds({ random }: World): Fault['kind'][] {
  const count = random.int(2) === 0 ? FAULT_KINDS.length : 2 + random.int(4);
  return [...random.permutation(FAULT_KINDS.length).slice(0, count)].map((at) => FAULT_KINDS[at] ?? 'kill agent');
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
  if (kind.startsWith('cut')) return `${kind}: ${member} ${kind === 'cut one way' ? '>' : '|'} ${other}, ${forMs} ms`;
  if (kind.includes('member')) return `${kind} ${member}, ${forMs} ms`;
  return `${kind} ${region}, ${forMs} ms`;
};

/** Begins the fault (`by` 1) or ends it (-1). */
export function apply(fault: Fault, by: 1 | -1, subject: Subject): void {
  const { region, member, other } = fault;
  const { network } = subject.world;
  const cut = (from: Member, to: Member): void => (by === 1 ? network.cut(from, to) : network.heal(from, to));
  switch (fault.kind) {
    case 'cut one way':
      return cut(member, other);
    case 'cut both ways':
      cut(member, other);
      return cut(other, member);
    case 'darken region':
      for (const peer of MEMBERS.filter((candidate) => candidate !== region)) {
        cut(region, peer);
        cut(peer, region);
      }
      return;
    case 'stop etcd member':
      return subject.stopEtcd(member, by);
    case 'freeze etcd member':
      return subject.freezeEtcd(member, by);
    case 'no etcd majority':
      subject.stopEtcd(member, by);
      return subject.stopEtcd(other, by);
    case 'lose etcd replies':
    case 'slow etcd':
    case 'late record writes':
    case 'slow WAL':
      return degrade(fault, by, subject.world);
    default:
      return applyToRegion(fault, by, subject);
  }
}

function degrade({ kind, forMs }: Fault, by: 1 | -1, world: World): void {
  if (kind === 'lose etcd replies') world.lostReplies = by === 1 ? 0.5 : 0;
  if (kind === 'slow etcd') world.etcdDelayMs = by === 1 ? 200 + (forMs % 700) : TICK_MS;
  if (kind === 'late record writes') world.lateWritesMs = by === 1 ? 300 + (forMs % 5_000) : 0;
  if (kind === 'slow WAL') world.walDelayMs = by === 1 ? 50 + (forMs % 1_000) : TICK_MS;
}

function applyToRegion({ kind, region, forMs }: Fault, by: 1 | -1, subject: Subject): void {
  switch (kind) {
    case 'kill agent':
      return subject.killAgent(region, by);
    case 'stop agent in order':
      return by === 1 ? subject.stopAgent(region) : undefined;
    case 'freeze agent':
      return subject.freezeAgent(region, by);
    case 'starve agent':
      return subject.starveAgent(region, by === 1 ? 200 + (forMs % 1_500) : 0);
    case 'kill postgres':
      return by === 1 ? subject.killPostgres(region) : undefined;
    case 'freeze postgres':
      return subject.freezePostgres(region, by);
    case 'kill region':
      if (by === 1) subject.killPostgres(region);
      subject.killAgent(region, by);
      return subject.stopEtcd(region, by);
    case 'freeze region':
      subject.freezeAgent(region, by);
      subject.freezePostgres(region, by);
      return subject.freezeEtcd(region, by);
    case 'recycle WAL':
      return by === 1 ? subject.recycleWal(region) : undefined;
    default:
      return operate(kind, region, by, subject);
  }
}

function operate(kind: Fault['kind'], region: DataRegion, by: 1 | -1, subject: Subject): void {
  if (kind === 'pause') return subject.pauseAutomation(by === 1);
  if (by === 1) return subject.askSwitchover(region);
  // Half of all operators ask for the way back when the fault's time is over.
  if (subject.world.chance(0.5)) subject.askSwitchover(peerOf(region));
}
