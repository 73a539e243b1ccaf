/**
 * A PostgreSQL server: its directory, which outlives the process, and the process with what it has loaded.
 * Replication between two servers is in replication.ts.
 */
import type { DataRegion } from '../src/lib/topology.ts';
import { type Directory, emptyDirectory, type Process, type Transaction } from './server-state.ts';
import { NO_KEY } from './wal.ts';
import { StepFailed, type World } from './world.ts';

/** wal_sender_timeout and wal_receiver_timeout. */
export const SENDER_TIMEOUT_MS = 5_000;

export class Postgres {
  readonly region: DataRegion;
  readonly #world: World;
  readonly #onAcknowledge: (server: Postgres, key: number) => void;
  directory: Directory | null = null;
  process: Process | null = null;
  #frozen = 0;

  constructor(region: DataRegion, world: World, onAcknowledge: (server: Postgres, key: number) => void) {
    this.region = region;
    this.#world = world;
    this.#onAcknowledge = onAcknowledge;
  }

  get frozen(): boolean {
    return this.#frozen > 0;
  }

  get primary(): Process | null {
    return this.process?.phase === 'primary' ? this.process : null;
  }

  freeze(by: 1 | -1): void {
    this.#frozen += by;
  }

  /** SIGKILL: works on a frozen process too. */
  kill(): void {
    if (this.process === null) return;
    for (const transaction of this.process.transactions) transaction.outcome = 'ended';
    this.process = null;
  }

  initialise(): void {
    this.directory = emptyDirectory();
    this.directory.wal.append(this.#world.nextEntry(), NO_KEY);
  }

  remove(): void {
    this.directory = null;
  }

  /** A copy that has only begun: it looks like the directory of a primary (no standby.signal). */
  beginCopy(): void {
    this.directory = { ...emptyDirectory(), whole: false };
  }

  spawn(): void {
    const directory = this.disk();
    if (!directory.whole) throw new StepFailed('postgres ended at once');
    const { nowMs } = this.#world;
    this.process = {
      startedMs: nowMs,
      readyMs: nowMs + 100 + this.#world.delayMs(300),
      phase: 'starting',
      stopping: null,
      gate: directory.gate,
      waits: directory.waits,
      follows: directory.follows,
      loadedMs: nowMs,
      reloadMs: null,
      promotion: null,
      transactions: [],
      sender: null,
      receiver: null,
      retryMs: 0,
    };
  }

  disk(): Directory {
    if (this.directory === null) throw new StepFailed('there is no directory');
    return this.directory;
  }

  /** What is in the files is in force a moment later. */
  reload(): void {
    if (this.process !== null) this.process.reloadMs ??= this.#world.nowMs + this.#world.delayMs(40);
  }

  stop(mode: 'fast' | 'immediate'): void {
    if (this.process !== null) this.process.stopping = mode;
  }

  promote(): void {
    const { process } = this;
    if (process?.phase !== 'recovery') throw new StepFailed('not in recovery');
    process.promotion ??= {
      endsMs: this.#world.nowMs + 100 + this.#world.delayMs(200),
      lsn: this.disk().wal.lsn,
    };
  }

  /** A client's or the canary's write. Throws when the server cannot take it now. */
  begin(key: number): Transaction {
    const process = this.primary;
    if (process === null || process.stopping !== null) throw new StepFailed('no primary here');
    const { nowMs } = this.#world;
    const transaction: Transaction = {
      key,
      startedMs: nowMs,
      commitMs: nowMs + this.#world.delayMs(30),
      waits: process.waits,
      lsn: null,
      outcome: 'running',
    };
    process.transactions.push(transaction);
    return transaction;
  }

  endSessions(): void {
    for (const transaction of this.process?.transactions ?? []) transaction.outcome = 'ended';
  }

  tick(): void {
    const { process, directory } = this;
    if (process === null || directory === null || this.frozen) return;
    const { nowMs } = this.#world;
    if (process.stopping !== null && this.#hasStopped(process, directory)) {
      this.kill();
      return;
    }
    if (process.phase === 'starting') this.#recover(process, directory);
    if (process.reloadMs !== null && nowMs >= process.reloadMs) {
      process.reloadMs = null;
      process.loadedMs = nowMs;
      process.gate = directory.gate;
      process.waits = directory.waits;
      process.follows = directory.follows;
    }
    if (process.promotion !== null && nowMs >= process.promotion.endsMs)
      this.#leaveRecovery(process, directory);
    if (process.phase === 'primary') this.#commit(process, directory);
  }

  #recover(process: Process, directory: Directory): void {
    if (this.#world.nowMs < process.readyMs) return;
    if (directory.standbySignal) {
      if (directory.wal.lsn >= directory.consistentLsn) process.phase = 'recovery';
      return;
    }
    process.phase = 'primary';
    directory.wal.append(this.#world.nextEntry(), NO_KEY);
  }

  #leaveRecovery(process: Process, directory: Directory): void {
    directory.wal.truncate(process.promotion?.lsn ?? directory.wal.lsn);
    process.promotion = null;
    process.receiver = null;
    process.phase = 'primary';
    directory.standbySignal = false;
    directory.slot = false;
    directory.timeline++;
    directory.wal.append(this.#world.nextEntry(), NO_KEY);
    this.#world.note(this.region, `primary on timeline ${directory.timeline} at ${directory.wal.lsn}`);
  }

  /** A fast stop ends when the standby has everything, shutdown checkpoint included, or is given up. */
  #hasStopped(process: Process, directory: Directory): boolean {
    if (process.stopping === 'immediate' || process.phase === 'starting') return true;
    if (process.stopping === 'fast') {
      this.endSessions();
      process.transactions = [];
      if (process.phase === 'primary') directory.wal.append(this.#world.nextEntry(), NO_KEY);
      process.stopping = 'draining';
    }
    const { sender } = process;
    return (
      sender === null ||
      sender.flushedLsn >= directory.wal.lsn ||
      this.#world.nowMs - sender.heardMs > SENDER_TIMEOUT_MS
    );
  }

  #commit(process: Process, directory: Directory): void {
    const { nowMs } = this.#world;
    for (const transaction of process.transactions) {
      if (transaction.outcome !== 'running' || nowMs < transaction.commitMs) continue;
      if (transaction.lsn === null && !this.#write(transaction, process, directory)) continue;
      if (!this.#released(transaction, process)) continue;
      transaction.outcome = 'acknowledged';
      if (transaction.key !== NO_KEY) this.#onAcknowledge(this, transaction.key);
    }
    process.transactions = process.transactions.filter(({ outcome }) => outcome === 'running');
  }

  /**
   * A row that is there already is not written again: its second transaction waits for the first one as at a
   * unique index, and then has nothing of its own to wait for. false while it waits.
   */
  #write(transaction: Transaction, process: Process, { wal }: Directory): boolean {
    const { key } = transaction;
    if (key !== NO_KEY && wal.count(key) > 0) {
      const first = process.transactions.some(
        (other) => other.key === key && other.lsn !== null && other.outcome === 'running',
      );
      if (first) return false;
      transaction.lsn = 0;
      return true;
    }
    wal.append(this.#world.nextEntry(), key);
    transaction.lsn = wal.lsn;
    return true;
  }

  /** Names that have become empty release whoever waits, as committed (hazard H3). */
  #released({ waits, lsn }: Transaction, { waits: namesSet, sender }: Process): boolean {
    if (!waits || !namesSet || lsn === 0) return true;
    return sender?.streaming === true && lsn !== null && sender.flushedLsn >= lsn;
  }
}

/** Whether a client's commit could be acknowledged here now. */
export function canAcknowledge(server: Postgres, other: Postgres): boolean {
  const process = server.primary;
  if (process === null || process.gate === 'closed' || server.frozen) return false;
  return !process.waits || other.process?.receiver?.from === process;
}

export const settled = (process: Process): boolean =>
  process.reloadMs === null &&
  !process.transactions.some(
    ({ startedMs, outcome, key }) => key !== NO_KEY && outcome === 'running' && startedMs < process.loadedMs,
  );
