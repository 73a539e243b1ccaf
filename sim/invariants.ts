/** What must hold at every step: the six invariants of the failover design, and the promise to clients. */
import type { Decision, Observation } from '../src/agent/types.ts';
import type { ClusterRecord } from '../src/lib/cluster.ts';
import { DATA_REGIONS, type DataRegion, peerOf } from '../src/lib/topology.ts';
import { canAcknowledge, type Postgres } from './postgres.ts';
import { NO_KEY } from './wal.ts';
import { Violation, type World } from './world.ts';

/** A view of the record is acted on for this long (cluster-link.ts), give or take a skewed clock. */
const VIEW_LIMIT_MS = 1_100;

export class Invariants {
  readonly #world: World;
  readonly #servers: Readonly<Record<DataRegion, Postgres>>;
  readonly #wasOpen: Record<DataRegion, boolean> = { region1: false, region2: false };

  constructor(world: World, servers: Readonly<Record<DataRegion, Postgres>>) {
    this.#world = world;
    this.#servers = servers;
  }

  /** An acknowledged row is wherever somebody may lead from, and no one is primary without it. */
  onAcknowledge(server: Postgres, key: number): void {
    const { record, acknowledged } = this.#world;
    acknowledged.add(key);
    if (record === null) throw new Violation(`${server.region} acknowledged without a record`);
    for (const region of [record.leader, ...record.syncSet]) {
      if (this.#lacks(region, key)) {
        throw new Violation(
          `${server.region} acknowledged row ${key} that ${region} lacks, which may lead (epoch ${record.epoch}, ${record.mode}, ${record.phase})`,
        );
      }
    }
  }

  /** The record changes as the design allows, and whoever may lead by it has everything. */
  onRecord(before: ClusterRecord | null, after: ClusterRecord): void {
    const world = this.#world;
    world.note(
      'etcd',
      `epoch ${after.epoch}: ${after.leader} ${after.mode} ${after.phase} [${after.syncSet}] ${after.reason}`,
    );
    if (before !== null) world.lastLedMs[before.leader] = world.nowMs;
    const broken = brokenTransition(before, after);
    if (broken !== null) {
      throw new Violation(`${broken}: ${describe(before)} -> ${describe(after)}`);
    }
    if (before?.mode === 'solo' && after.mode === 'strict') this.#checkGrown(after);
    const regions = [after.leader, ...after.syncSet];
    for (const region of regions) this.#checkComplete(region, `by the record of epoch ${after.epoch}`);
    const holders = regions.filter((region) => this.#servers[region].directory?.whole === true);
    if (holders.length === 0 && world.acknowledged.size > 0) {
      throw new Violation(`nobody who may lead in epoch ${after.epoch} has any data`);
    }
  }

  /** Invariant 5: only a region that the record has just named leader starts, or promotes, a primary. */
  onDecision({ self }: Observation, decision: Decision): void {
    if (decision.kind !== 'act') return;
    const { type } = decision.action;
    const { nowMs, record, lastLedMs } = this.#world;
    const leads = record?.leader === self || nowMs - (lastLedMs[self] ?? -VIEW_LIMIT_MS) < VIEW_LIMIT_MS;
    if ((type === 'start_primary' || type === 'promote') && !leads) {
      throw new Violation(`invariant 5: ${self} becomes primary, but the record names ${record?.leader}`);
    }
    if ((type === 'clone' || type === 'rejoin') && record?.leader === self) {
      throw new Violation(`the leader ${self} gives up its data (${type})`);
    }
  }

  everyTick(): void {
    const { region1, region2 } = this.#servers;
    if (canAcknowledge(region1, region2) && canAcknowledge(region2, region1)) {
      throw new Violation('two nodes can acknowledge writes at once');
    }
    for (const region of DATA_REGIONS) this.#checkOpen(region);
  }

  /** Invariant 4, and what is served is everything that was acknowledged. */
  #checkOpen(region: DataRegion): void {
    const process = this.#servers[region].primary;
    const open = process?.gate === 'open';
    const { record } = this.#world;
    if (open && !process.waits && !(record?.leader === region && record.mode === 'solo')) {
      throw new Violation(`invariant 4: ${region} waits for nobody, but the record is ${describe(record)}`);
    }
    if (open && !this.#wasOpen[region]) {
      // A gate that opens late, at a leader that was deposed meanwhile, lets nobody be acknowledged.
      if (record?.leader === region) this.#checkComplete(region, 'and opens to clients');
      if (record?.leader === region && record.phase !== 'serving' && record.phase !== 'handing_over') {
        throw new Violation(`${region} opens to clients while the record says ${record.phase}`);
      }
    }
    this.#wasOpen[region] = open;
  }

  /** Invariant 1: in strict no commit is under way that does not wait. */
  #checkGrown({ leader }: ClusterRecord): void {
    const process = this.#servers[leader].primary;
    if (process === null) return;
    const loose = process.transactions.filter(({ waits, key, outcome }) => {
      return key !== NO_KEY && !waits && outcome === 'running';
    });
    if ((!process.waits && process.gate === 'open') || loose.length > 0) {
      throw new Violation(`invariant 1: strict is recorded while ${leader} does not wait for its peer`);
    }
  }

  #checkComplete(region: DataRegion, why: string): void {
    for (const key of this.#world.acknowledged) {
      if (this.#lacks(region, key)) {
        throw new Violation(`acknowledged row ${key} is not in ${region}, which may lead ${why}`);
      }
    }
  }

  /** A directory that is being copied cannot lead; it is not there. */
  #lacks(region: DataRegion, key: number): boolean {
    const { directory } = this.#servers[region];
    return directory?.whole === true && directory.wal.count(key) === 0;
  }
}

const describe = (record: ClusterRecord | null): string =>
  record === null
    ? 'none'
    : `epoch ${record.epoch}, ${record.leader}, ${record.mode}, ${record.phase}, [${record.syncSet}]`;

function brokenTransition(before: ClusterRecord | null, after: ClusterRecord): string | null {
  if (before === null) {
    return after.epoch === 1 && after.phase === 'bootstrapping'
      ? null
      : 'a first record that is not the first';
  }
  if (after.epoch < before.epoch) return 'the epoch regresses';
  if (after.syncSet.some((region) => region === after.leader)) return 'the leader waits for itself';
  if (after.mode === 'strict' && !after.syncSet.includes(peerOf(after.leader))) return 'strict with nobody';
  if (after.epoch !== before.epoch) return brokenSuccession(before, after);
  return after.leader === before.leader ? null : 'two leaders in one epoch';
}

function brokenSuccession(before: ClusterRecord, after: ClusterRecord): string | null {
  if (after.epoch !== before.epoch + 1) return 'an epoch is left out';
  if (after.leader === before.leader) return 'a new epoch without a new leader';
  if (!before.syncSet.includes(after.leader)) return 'invariant 3: a leader from outside the sync set';
  return after.mode === 'solo' && after.phase === 'promoting' ? null : 'a new leader that does not promote';
}
