/** Patroni on this machine: three etcd members, two nodes with PostgreSQL in synchronous mode, all in one directory. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, giveTo } from '../../src/lib/account.ts';
import { monotonicMs, sleep, within } from '../../src/lib/clock.ts';
import { eventually } from '../../src/lib/eventually.ts';
import { findPostmaster } from '../../src/lib/postmaster.ts';
import { probe } from '../../src/lib/probe.ts';
import { processTree, signalProcess } from '../../src/lib/process-table.ts';
import { killBelow, processesBelow, start } from './processes.ts';
import { type ClusterState, clusterState, postSwitchover } from './rest.ts';
import { clientFor, endQuietly, type Login } from './session.ts';
import {
  ADMIN,
  dataDirOf,
  ETCD_MEMBERS,
  etcdArgs,
  HOST,
  NODES,
  type NodeName,
  type Passwords,
  type Ports,
  patroniConfig,
  type TuningName,
} from './settings.ts';

const ETCD_LIMIT_MS = 30_000;
const WHOLE_LIMIT_MS = 180_000;
const QUIT_LIMIT_MS = 5_000;
const QUIT_EVERY_MS = 50;
const SINGLE_USER_LIMIT_MS = 30_000;
const LOG_LINES = 12;

export type ClusterOptions = {
  readonly dir: string;
  readonly binDir: string;
  readonly ports: Ports;
  readonly tuning: TuningName;
  readonly account: Account | null;
};

export class PatroniCluster {
  readonly login: Login;
  readonly #options: ClusterOptions;
  readonly #passwords: Passwords;

  constructor(options: ClusterOptions) {
    const password = (): string => randomBytes(24).toString('base64url');
    this.#passwords = { admin: password(), replication: password(), rewind: password() };
    this.#options = options;
    const { node1, node2 } = options.ports.nodes;
    this.login = {
      user: ADMIN,
      password: this.#passwords.admin,
      postgresPorts: { node1: node1.postgres, node2: node2.postgres },
    };
  }

  /** Resolves when both nodes are there and commits wait for the standby. */
  async start(signal: AbortSignal): Promise<void> {
    const { dir, ports, account } = this.#options;
    for (const member of ETCD_MEMBERS) {
      const own = this.#makeDir(member);
      start({
        command: 'etcd',
        args: etcdArgs(member, own, ports),
        dir: own,
        logFile: join(dir, `${member}.log`),
        account,
      });
    }
    for (const member of ETCD_MEMBERS) {
      const check = { kind: 'http', port: ports.etcd[member].client, path: '/health' } as const;
      const healthy = async (): Promise<true | undefined> => (await probe(HOST, check)) || undefined;
      await eventually(`${member} is healthy`, ETCD_LIMIT_MS, healthy, { signal });
    }
    this.startNode('node1');
    const leader = async (): Promise<NodeName | undefined> => (await this.#state(signal)).leader ?? undefined;
    await eventually('the first node leads', WHOLE_LIMIT_MS, leader, { signal });
    this.startNode('node2');
    await this.whole(signal);
  }

  startNode(node: NodeName): void {
    const { binDir, ports, tuning, account } = this.#options;
    const own = this.#makeDir(node);
    const file = join(own, 'patroni.json');
    const passwords = this.#passwords;
    writeFileSync(file, patroniConfig({ self: node, dir: own, binDir, ports, tuning, passwords }), {
      mode: 0o600,
    });
    giveTo(account, file);
    start({ command: 'patroni', args: [file], dir: own, logFile: this.#logOf(node), account });
  }

  /** Waits until Patroni says that one node leads and the other is its synchronous standby, and PostgreSQL agrees. */
  async whole(signal: AbortSignal): Promise<{ leader: NodeName; standby: NodeName }> {
    const found = async (): Promise<{ leader: NodeName; standby: NodeName }> => {
      const { leader, sync } = await this.#state(signal);
      if (leader === null || sync === null) throw new Error(`leader ${leader}, synchronous standby ${sync}`);
      const streaming = await this.#synchronousStandbys(leader);
      if (streaming !== 1) throw new Error(`${leader} has ${streaming} synchronous standbys`);
      return { leader, standby: sync };
    };
    return await eventually('both nodes are there and synchronous', WHOLE_LIMIT_MS, found, { signal });
  }

  /** kill -9 of the node's Patroni and all its PostgreSQL processes; gives the time of the first signal. */
  killNode(node: NodeName): number {
    const own = join(this.#options.dir, node);
    const victims = processesBelow(own, this.#options.account);
    const faultMs = monotonicMs();
    for (const pid of victims) signalProcess(pid, 'SIGKILL');
    return faultMs;
  }

  /** kill -9 of the postmaster alone; gives the time of the signal. Throws when there is none. */
  killPostgres(node: NodeName): number {
    const found = findPostmaster(dataDirOf(join(this.#options.dir, node)));
    if (found === null) throw new Error(`${node} has no postmaster`);
    const faultMs = monotonicMs();
    signalProcess(found.pid, 'SIGKILL');
    return faultMs;
  }

  /** Asks the leader, as the documentation does; resolves when Patroni calls it done. */
  async switchover(
    leader: NodeName,
    candidate: NodeName,
    limitMs: number,
    signal: AbortSignal,
  ): Promise<void> {
    await postSwitchover(this.#options.ports.nodes[leader].rest, leader, candidate, limitMs, signal);
  }

  /** Ends every process, and takes back what killed servers left in shared memory. The data is not cared for. */
  async stop(): Promise<void> {
    const { dir, account } = this.#options;
    const giveUpMs = monotonicMs() + QUIT_LIMIT_MS;
    while (NODES.some((node) => quit(join(dir, node), account)) && monotonicMs() < giveUpMs)
      await sleep(QUIT_EVERY_MS);
    await killBelow(dir, account);
    for (const node of NODES) await this.#freeSharedMemory(join(dir, node));
  }

  /** The last lines of every log, to say why something was waited for in vain. */
  logTails(): string {
    const { dir } = this.#options;
    return [...ETCD_MEMBERS, ...NODES]
      .map((name) => ({ name, file: this.#logOf(name) }))
      .filter(({ file }) => existsSync(file))
      .map(({ name, file }) => {
        const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_LINES);
        return [`${name}:`, ...lines.map((line) => `  ${line.replaceAll(dir, '')}`)].join('\n');
      })
      .join('\n');
  }

  /** One node is enough to ask: both answer from etcd. */
  async #state(signal: AbortSignal): Promise<ClusterState> {
    const asked = NODES.map((node) => clusterState(this.#options.ports.nodes[node].rest, signal));
    return await Promise.any(asked);
  }

  async #synchronousStandbys(leader: NodeName): Promise<number> {
    const client = clientFor(this.login, leader);
    try {
      await client.connect();
      const { rows } = await client.query(
        `SELECT 1 FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'`,
      );
      return rows.length;
    } finally {
      await endQuietly(client);
    }
  }

  #makeDir(name: string): string {
    const own = join(this.#options.dir, name);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    giveTo(this.#options.account, own);
    return own;
  }

  #logOf(name: string): string {
    return join(this.#options.dir, `${name}.log`);
  }

  /**
   * A server that was killed leaves a pid file and segments of shared memory that outlive its directory. Any
   * start on the same data takes them over, and a single-user server without input ends at once and frees them.
   */
  async #freeSharedMemory(nodeDir: string): Promise<void> {
    const data = dataDirOf(nodeDir);
    if (!existsSync(join(data, 'postmaster.pid'))) return;
    const { binDir, account } = this.#options;
    const child = start({
      command: join(binDir, 'postgres'),
      args: ['--single', '-D', data, 'postgres'],
      dir: nodeDir,
      logFile: `${nodeDir}.log`,
      account,
    });
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
    });
    try {
      await within(SINGLE_USER_LIMIT_MS, `the single-user server in ${nodeDir} did not end`, ended);
    } finally {
      await killBelow(nodeDir, account);
    }
  }
}

/** Asks what runs for a node to end; false when nothing does. */
function quit(nodeDir: string, account: Account | null): boolean {
  const postmaster = findPostmaster(dataDirOf(nodeDir));
  const server = new Set(postmaster === null ? [] : processTree([postmaster.pid]));
  const pids = processesBelow(nodeDir, account);
  for (const pid of pids) if (!server.has(pid)) signalProcess(pid, 'SIGKILL');
  // An immediate shutdown: the server ends its children itself and frees its shared memory.
  if (postmaster !== null) signalProcess(postmaster.pid, 'SIGQUIT');
  return pids.length > 0;
}
