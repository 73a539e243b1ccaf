/**
 * The PostgreSQL server of a region as a process: its data directory, its files, start and stop.
 *
 * The server is not our child in the supervisor's sense: it survives the agent and is found again by
 * postmaster.pid, so that a killed agent costs no outage.
 */
import { execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { giveTo } from '../../lib/account.ts';
import { pause, sleep } from '../../lib/clock.ts';
import { OperatingError } from '../../lib/errors.ts';
import { findPostmaster } from '../../lib/postmaster.ts';
import { signalProcess } from '../../lib/process-table.ts';
import type { Secrets } from '../../lib/secrets.ts';
import { type DataRegion, peerOf, type Topology } from '../../lib/topology.ts';
import { archiveFork, hasForked, keepingSharedWal, newestTimeline } from './forked-wal.ts';
import {
  ADMIN_ROLE,
  followConf,
  type Gate,
  gateConf,
  hbaConf,
  type PostgresSettings,
  passFile,
  postgresqlConf,
  replicationRole,
  slotName,
  syncConf,
} from './postgres-files.ts';

const run = promisify(execFile);
const COPY_TIMEOUT_MS = 3_600_000;

export type ServerOptions = {
  readonly topology: Topology;
  readonly self: DataRegion;
  /** Parent of the data directory; owned by the engines' account. */
  readonly homeDir: string;
  readonly binDir: string;
  readonly logDir: string;
  readonly account: { readonly uid: number; readonly gid: number } | null;
  readonly secrets: Secrets;
  readonly sharedBuffersMb: number;
  readonly maxWalMb: number;
  readonly keepWalForStandbyMb: number;
};

export class PostgresServer {
  readonly #options: ServerOptions;
  readonly #dataDir: string;
  readonly #passFile: string;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#dataDir = options.homeDir;
    this.#passFile = `${options.homeDir}.pass`;
  }

  /** Whether a server lives, or in which way it does not. */
  presence(): 'absent' | 'stopped' | 'alive' {
    if (!existsSync(join(this.#dataDir, 'PG_VERSION'))) return 'absent';
    return this.#pid() === null ? 'stopped' : 'alive';
  }

  /** A stopped data directory without standby.signal last ran as primary. */
  wasPrimary(): boolean {
    return !existsSync(join(this.#dataDir, 'standby.signal'));
  }

  /** Built aside and put in place whole: half a directory would look like a server that only has to be started. */
  async initialise(): Promise<void> {
    const passwordFile = `${this.#dataDir}.initdb`;
    const newDir = `${this.#dataDir}.new`;
    rmSync(newDir, { recursive: true, force: true });
    this.#makeDir(newDir);
    this.#write(passwordFile, `${this.#options.secrets.postgres.admin}\n`);
    await this.#program('initdb', [
      `--pgdata=${newDir}`,
      `--username=${ADMIN_ROLE}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--data-checksums',
      // A promotion copies the last segment to the new timeline and flushes it, which takes 130 ms for the usual
      // 16 MB here; smaller ones cost ingest throughput at full speed (15 % with 4 MB).
      '--wal-segsize=8',
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ]);
    rmSync(passwordFile);
    rmSync(this.#dataDir, { recursive: true, force: true });
    renameSync(newDir, this.#dataDir);
  }

  /** Copies the peer's database; what was here before is removed. */
  async clone(): Promise<void> {
    const { self, topology, secrets } = this.#options;
    const peer = peerOf(self);
    rmSync(this.#dataDir, { recursive: true, force: true });
    this.#makeDir(this.#dataDir);
    this.#writePassFile();
    const conninfo = `host=${topology.host} port=${topology[peer].postgres} user=${replicationRole(self)} passfile=${this.#passFile}`;
    try {
      await this.#program('pg_basebackup', [
        `--pgdata=${this.#dataDir}`,
        `--dbname=${conninfo}`,
        `--slot=${slotName(self)}`,
        '--wal-method=stream',
        '--checkpoint=fast',
      ]);
    } catch (error) {
      rmSync(this.#dataDir, { recursive: true, force: true });
      const reason =
        error instanceof Error ? error.message.replaceAll(secrets.postgres.admin, '[secret]') : '';
      throw new OperatingError('unavailable', `cannot copy ${peer}: ${reason}`, `cannot copy ${peer}`, error);
    }
    this.becomeStandby();
  }

  /** Starts with the gate closed and returns when the server accepts the agent or has died. */
  async startPrimary(waitForPeer: boolean): Promise<void> {
    rmSync(join(this.#dataDir, 'standby.signal'), { force: true });
    await this.#start(waitForPeer ? peerOf(this.#options.self) : null, 'closed');
  }

  async startStandby(): Promise<void> {
    this.becomeStandby();
    await this.#start(null, 'read_only');
  }

  /** Whether clients may write. */
  gate(): 'open' | 'closed' {
    const path = join(this.#dataDir, 'gate.conf');
    return existsSync(path) && readFileSync(path, 'utf8') === gateConf('open') ? 'open' : 'closed';
  }

  setGate(gate: 'open' | 'closed'): void {
    this.#writeGate(gate);
    this.reload();
  }

  setWaitFor(peer: DataRegion | null): void {
    this.#write(join(this.#dataDir, 'sync.conf'), syncConf(peer));
    this.reload();
  }

  /** Whom this standby receives from; null stops its WAL receiver. */
  setFollow(peer: DataRegion | null): void {
    this.#write(join(this.#dataDir, 'follow.conf'), followConf(this.#settings(), peer));
    this.reload();
  }

  /** After a promotion the directory is a primary's, also for our next start. */
  forgetStandby(): void {
    rmSync(join(this.#dataDir, 'standby.signal'), { force: true });
  }

  /**
   * Makes a former primary able to follow the peer: finishes its crash recovery, takes back what it wrote
   * after the timelines parted (pg_rewind), and leaves it as a standby. `history`: of the leader's timeline.
   */
  async rewind(history: string): Promise<void> {
    const { self, topology } = this.#options;
    const peer = peerOf(self);
    this.#writePassFile();
    const source = `host=${topology.host} port=${topology[peer].postgres} user=${ADMIN_ROLE} dbname=postgres passfile=${this.#passFile}`;
    const rewind = (): Promise<void> =>
      this.#program('pg_rewind', [
        `--target-pgdata=${this.#dataDir}`,
        `--source-server=${source}`,
        '--no-sync',
        `--config-file=${join(this.#dataDir, 'postgresql.conf')}`,
      ]);
    await keepingSharedWal(this.#dataDir, this.#newestTimeline(), history, rewind);
    this.becomeStandby();
  }

  /** Whether this stopped server wrote anything after the leader, whose `history` this is, had left its timeline. */
  hasForked(history: string): Promise<boolean> {
    return hasForked(this.#options.binDir, this.#dataDir, this.#newestTimeline(), history);
  }

  /** A former primary that has nothing of its own follows as it is: recovery goes over to the leader's timeline. */
  becomeStandby(): void {
    this.#write(join(this.#dataDir, 'standby.signal'), '');
  }

  /** Keeps a copy of what this stopped server wrote on a timeline that the leader has left; null without any. */
  archiveFork(history: string, label: string): string | null {
    return archiveFork(this.#dataDir, this.#newestTimeline(), history, label);
  }

  #newestTimeline(): number {
    return newestTimeline(readdirSync(join(this.#dataDir, 'pg_wal')));
  }

  reload(): void {
    const pid = this.#pid();
    if (pid !== null) signalProcess(pid, 'SIGHUP');
  }

  /** `fast` checkpoints and ends sessions; `immediate` is the fence: it waits for nobody (hazard H1). */
  async stop(mode: 'fast' | 'immediate', timeoutMs: number): Promise<void> {
    const pid = this.#pid();
    if (pid === null) return;
    signalProcess(pid, mode === 'fast' ? 'SIGINT' : 'SIGQUIT');
    const limit = AbortSignal.timeout(timeoutMs);
    while (this.#pid() === pid && (await pause(5, limit)));
    if (this.#pid() !== pid) return;
    signalProcess(pid, 'SIGKILL');
    while (this.#pid() === pid) await sleep(20);
  }

  async #start(waitFor: DataRegion | null, gate: Gate): Promise<void> {
    const { self, logDir, account } = this.#options;
    const settings = this.#settings();
    this.#writePassFile();
    this.#write(join(this.#dataDir, 'postgresql.conf'), postgresqlConf(settings));
    this.#write(join(this.#dataDir, 'follow.conf'), followConf(settings, peerOf(self)));
    this.#write(join(this.#dataDir, 'postgresql.auto.conf'), '');
    this.#write(join(this.#dataDir, 'sync.conf'), syncConf(waitFor));
    this.#writeGate(gate);
    // What it says before its own log is open; afterwards it writes <region>-postgres.json.
    const startLog = openSync(join(logDir, `${self}-postgres-start.log`), 'w', 0o640);
    const child = spawn(join(this.#options.binDir, 'postgres'), ['-D', this.#dataDir], {
      cwd: this.#dataDir,
      detached: true,
      stdio: ['ignore', startLog, startLog],
      ...(account ?? {}),
    });
    child.unref();
    closeSync(startLog);
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve);
      child.once('error', reject);
    });
    // postmaster.pid appears within milliseconds; until then the server would look stopped.
    const limit = AbortSignal.timeout(5_000);
    while (this.#pid() === null && child.exitCode === null && (await pause(10, limit)));
    if (child.exitCode !== null) {
      throw new OperatingError(
        'unavailable',
        `postgres ended at once with code ${child.exitCode}; see ${logDir}/${self}-postgres-start.log`,
        'PostgreSQL does not start',
      );
    }
  }

  #pid(): number | null {
    return findPostmaster(this.#dataDir)?.pid ?? null;
  }

  #settings(): PostgresSettings {
    return { ...this.#options, passFile: this.#passFile };
  }

  #makeDir(path: string): void {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    chmodSync(path, 0o700);
    giveTo(this.#options.account, path);
  }

  #writeGate(gate: Gate): void {
    this.#write(join(this.#dataDir, 'pg_hba.conf'), hbaConf(this.#options.topology, gate));
    this.#write(join(this.#dataDir, 'gate.conf'), gateConf(gate));
  }

  #writePassFile(): void {
    const { topology, self, secrets } = this.#options;
    this.#write(this.#passFile, passFile(topology, self, secrets));
  }

  #write(path: string, text: string): void {
    writeFileSync(path, text, { mode: 0o600 });
    giveTo(this.#options.account, path);
  }

  async #program(name: string, args: readonly string[]): Promise<void> {
    await run(join(this.#options.binDir, name), [...args], {
      cwd: '/',
      timeout: COPY_TIMEOUT_MS,
      ...(this.#options.account ?? {}),
    });
  }
}
