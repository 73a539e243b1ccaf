/** A whole system for one test file: started, looked into, broken on purpose, and ended whatever happens. */
import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json, text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { Value } from 'typebox/value';
import type { ClusterRecord } from '../../../src/lib/cluster.ts';
import { StatusBody } from '../../../src/lib/control-schemas.ts';
import { eventually } from '../../../src/lib/eventually.ts';
import { processTree, signalProcess } from '../../../src/lib/process-table.ts';
import { postmaster, readRunState } from '../../../src/lib/run-state.ts';
import { readSecrets } from '../../../src/lib/secrets.ts';
import { type DataRegion, type Group, MEMBERS, type Topology, topology } from '../../../src/lib/topology.ts';
import { startTier0 } from './command.ts';
import { endInstance, type InstanceProcess } from './instance-processes.ts';
import { type Claim, claimOffset } from './ports.ts';

const READY_LIMIT_MS = 120_000;
const KEPT_OUTPUT_CHARS = 16_384;
const SQL_CONNECT_MS = 2_000;

export type SystemOptions = {
  /** The simulated fleet; off unless asked for. */
  readonly simulators?: boolean;
  /** Simulated users; none unless told otherwise. */
  readonly users?: number;
  /** Readings per second of the simulated fleet. */
  readonly rate?: number;
  /** The queue of user events, half a minute of starting; off unless asked for. */
  readonly rabbitmq?: boolean;
  /** The service that answers questions; off unless asked for. */
  readonly rag?: boolean;
  readonly vision?: boolean;
  /** Prometheus, Alertmanager, exporters and the availability probes; off unless asked for. */
  readonly observability?: boolean;
  /** More options of `up`. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

export type Answer = { readonly status: number; readonly body: unknown };

const running = new Set<System>();

for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  process.once(signal, () => {
    void Promise.allSettled([...running].map((system) => system.stop())).then(() => process.exit(code));
  });
}

/** A directory for an instance that the engines' account can reach. */
export function makeDataDir(): string {
  const dataDir = mkdtempSync(join(tmpdir(), 'tier0-test-'));
  chmodSync(dataDir, 0o755);
  return dataDir;
}

/** Starts a system in a directory of its own and returns when it is ready. Throws with the end of its output. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const system = new System(makeDataDir(), await claimOffset(), options);
  running.add(system);
  try {
    await system.up();
    return system;
  } catch (error) {
    await system.stop();
    throw error;
  }
}

/** Keeps the system from outliving this process when it is killed with -9; see guard.ts. */
function startGuard(dataDir: string): ChildProcess {
  const guard = spawn(process.execPath, [fileURLToPath(new URL('guard.ts', import.meta.url))], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  guard.stdin?.write(`${dataDir}\n`);
  guard.unref();
  return guard;
}

export class System {
  readonly dataDir: string;
  readonly at: Topology;
  readonly #claim: Claim;
  readonly #options: SystemOptions;
  readonly #guard: ChildProcess;
  #child: ChildProcess | null = null;
  #output = '';
  #stopped: Promise<InstanceProcess[]> | null = null;

  constructor(dataDir: string, claim: Claim, options: SystemOptions) {
    this.dataDir = dataDir;
    this.at = topology(claim.offset);
    this.#claim = claim;
    this.#options = options;
    this.#guard = startGuard(dataDir);
  }

  /** Options that make a command mean this instance. */
  get where(): string[] {
    return ['--data-dir', this.dataDir, '--port-offset', String(this.at.offset)];
  }

  /** What `up` has printed lately. */
  get output(): string {
    return this.#output;
  }

  /** `up`, until it says that it is ready; also to start the same instance again after `down`. */
  async up(): Promise<void> {
    const {
      simulators = false,
      users = 0,
      rabbitmq = false,
      rag = false,
      vision = false,
      observability = false,
      rate,
      env = {},
    } = this.#options;
    const args = ['up', ...this.where, ...(this.#options.args ?? [])];
    if (!rabbitmq) args.push('--no-rabbitmq');
    if (!rag) args.push('--no-rag');
    if (!vision) args.push('--no-vision');
    if (!observability) args.push('--no-observability');
    if (!simulators) args.push('--no-simulators');
    if (rate !== undefined) args.push('--rate', String(rate));
    args.push('--users', String(users));
    this.#output = '';
    // Two servers with a sixteenth of the machine each are more than a test needs.
    const child = startTier0(args, { TIER0_SHARED_BUFFERS_MB: '128', ...env });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.#output = (this.#output + chunk).slice(-KEPT_OUTPUT_CHARS);
      });
    }
    const outcome = await eventually('the system is ready', READY_LIMIT_MS, () => {
      if (/^ready in /m.test(this.#output)) return 'ready';
      return child.exitCode === null && child.signalCode === null ? undefined : 'ended';
    }).catch(() => 'late');
    if (outcome !== 'ready') throw new Error(`the system is not ready (${outcome}):\n${this.#output}`);
  }

  /** Ends every process by its pid and removes the directory; returns those that had to be killed. */
  stop(): Promise<InstanceProcess[]> {
    this.#stopped ??= this.#end();
    return this.#stopped;
  }

  async #end(): Promise<InstanceProcess[]> {
    try {
      return await endInstance(this.dataDir);
    } finally {
      this.#guard.stdin?.end();
      this.#child?.stdout?.destroy();
      this.#child?.stderr?.destroy();
      await this.#claim.release();
      running.delete(this);
    }
  }

  /** Pid of a process as `status` names it ("region1", "ingest"); null while it does not run. */
  pidOf(group: Group, name: string): number | null {
    if (name === 'postgres') return postmaster(this.dataDir, group)?.pid ?? null;
    const processes = readRunState(this.dataDir, group)?.processes ?? [];
    return processes.find((process) => process.name === name && process.state === 'ready')?.pid ?? null;
  }

  supervisorPid(group: Group | 'up'): number {
    const state = readRunState(this.dataDir, group);
    if (state === null) throw new Error(`no supervisor of ${group} has run`);
    return state.pid;
  }

  /** Sends a signal to a process that must be running, and returns its pid. */
  signal(group: Group, name: string, signal: NodeJS.Signals): number {
    const pid = this.pidOf(group, name);
    if (pid === null || !signalProcess(pid, signal)) throw new Error(`${group} ${name} does not run`);
    return pid;
  }

  /** Sends a signal to a process and everything below it. */
  signalTree(group: Group, name: string, signal: NodeJS.Signals): void {
    const pid = this.pidOf(group, name);
    if (pid === null) throw new Error(`${group} ${name} does not run`);
    for (const member of processTree([pid])) signalProcess(member, signal);
  }

  /** Sends a signal to every process of a region at once, its supervisor included. */
  signalRegion(region: DataRegion, signal: NodeJS.Signals): void {
    const all = processTree([this.supervisorPid(region), this.pidOf(region, 'postgres') ?? 0]);
    for (const pid of all) signalProcess(pid, signal);
  }

  /** Resolves with the pid of the process once it runs with another than `before`. */
  restarted(group: Group, name: string, before: number, limitMs = 60_000): Promise<number> {
    return eventually(`${group} ${name} runs again`, limitMs, () => {
      const pid = this.pidOf(group, name);
      return pid === null || pid === before ? undefined : pid;
    });
  }

  /** The cluster record as an agent that etcd has just confirmed it to sees it. Throws when there is none. */
  async record(): Promise<ClusterRecord> {
    for (const member of MEMBERS) {
      try {
        const { body } = await this.get(this.at[member].agent, '/status');
        const { view, record } = Value.Parse(StatusBody, body);
        if (view !== 'fresh' || record === null) continue;
        const { sync_set: syncSet, operation: _, ...rest } = record;
        return { ...rest, syncSet };
      } catch {
        // This agent is away, which tests bring about: the next one is asked.
      }
    }
    throw new Error('no agent has a fresh view of the record');
  }

  /** Resolves once the record says `mode` and an agent acts on it. */
  async inMode(mode: ClusterRecord['mode'], limitMs = 30_000): Promise<ClusterRecord> {
    return eventually(`the cluster is ${mode}`, limitMs, async () => {
      const record = await this.record();
      return record.mode === mode && record.phase === 'serving' ? record : undefined;
    });
  }

  /** GET on a port of the instance; the body is parsed when it is JSON. */
  async get(port: number, path: string, method = 'GET'): Promise<Answer> {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = get({
        host: this.at.host,
        port,
        path,
        method,
        agent: false,
        signal: AbortSignal.timeout(10_000),
      });
      request.once('response', resolve).once('error', reject);
    });
    const isJson = (response.headers['content-type'] ?? '').includes('json');
    return {
      status: response.statusCode ?? 0,
      body: isJson ? await json(response) : await text(response),
    };
  }

  /** GET on the front door's API. */
  api(path: string): Promise<Answer> {
    return this.get(this.at.edge.api, path);
  }

  /** Runs a statement as administrator, on the leader unless a region is named. */
  async sql<R extends pg.QueryResultRow>(
    statement: string,
    values: readonly unknown[] = [],
    region?: DataRegion,
  ): Promise<R[]> {
    const where = region ?? (await this.record()).leader;
    const client = new pg.Client({
      host: this.at.host,
      port: this.at[where].postgres,
      user: 'tier0_admin',
      password: readSecrets(this.dataDir).postgres.admin,
      database: 'tier0',
      connectionTimeoutMillis: SQL_CONNECT_MS,
    });
    await client.connect();
    try {
      return (await client.query<R>(statement, [...values])).rows;
    } finally {
      await client.end();
    }
  }
}
