/** `tier0 up`: brings an instance up in the foreground, keeps it up, and takes it down in reverse order. */
import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Account } from '../lib/account.ts';
import { RestartBackoff } from '../lib/backoff.ts';
import { monotonicMs, pause, untilAborted } from '../lib/clock.ts';
import { UsageError } from '../lib/errors.ts';
import { FLEET_SIZE } from '../lib/fleet.ts';
import { postgresBinDir } from '../lib/postgres-programs.ts';
import { probe } from '../lib/probe.ts';
import { startTicks } from '../lib/process-table.ts';
import { PROJECT_DIR } from '../lib/project.ts';
import { isAlive, type ProcessStatus, readRunState, writeRunState } from '../lib/run-state.ts';
import { ensureSecrets } from '../lib/secrets.ts';
import { type Group, MEMBERS, type Member, type Topology, topology } from '../lib/topology.ts';
import { findPrograms, MAIN_FILE, prepareDataDir, type UpOptions } from './config.ts';
import { GroupSupervisor } from './group.ts';
import { targets } from './observability/targets.ts';
import { groupOf, plan } from './plan.ts';
import { takenPorts, wantedPorts } from './ports.ts';
import type { PlanOptions, ProcessSpec } from './process-spec.ts';

const READY_TIMEOUT_MS = 180_000;
/**
 * A region that died waits a moment before it starts again: the other one takes over in that time, and here both
 * share their processors.
 */
const REGION_RESTART = { firstMs: 1_500, maxMs: 10_000 };

export function planOptions(options: UpOptions): PlanOptions {
  return {
    topology: topology(options.portOffset),
    dataDir: options.dataDir,
    node: process.execPath,
    mainFile: MAIN_FILE,
    simulators: options.simulators,
    users: options.users,
    rate: options.rate,
    // Every device of the simulated fleet reports once in this time.
    expectedIntervalS: FLEET_SIZE / options.rate,
    programs: findPrograms(options.observability),
    rabbitmq: options.rabbitmq,
    rag: options.rag,
    vision: options.vision,
    cameraIntervalS: options.cameraIntervalS,
    observability: options.observability,
  };
}

/** The directory nginx serves the dashboard from: a copy that the engines' account can reach. */
export function webRootOf(dataDir: string): string {
  return join(dataDir, 'www');
}

/** Resolves with the exit code once everything has stopped. `print` takes a line for the user. */
export async function up(options: UpOptions, print: (line: string) => void): Promise<number> {
  const startedMs = monotonicMs();
  const account = prepareDataDir(options.dataDir);
  const planned = planOptions(options);
  const specs = plan(planned);
  postgresBinDir();
  await refuseIfRunning(options, specs, planned.topology);
  writeRunState(options.dataDir, 'up', {
    group: 'up',
    pid: process.pid,
    startTicks: startTicks(process.pid),
    portOffset: options.portOffset,
    processes: [],
  });
  ensureSecrets(options.dataDir);
  publishDashboard(options.dataDir);

  print(`Tier-0 starts in ${options.dataDir}`);
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => stop.abort(new Error(signal)));
  }
  const instance = new Instance(options, specs, planned.topology, account, (line) => print(line), startedMs);
  const ready = await instance.start(stop.signal);
  if (ready) announce(planned.topology, options, startedMs, print);
  if (!stop.signal.aborted) {
    await new Promise((resolve) => stop.signal.addEventListener('abort', resolve, { once: true }));
  }
  print('stopping');
  await instance.stop();
  print('stopped; data is kept');
  return ready || stop.signal.aborted ? 0 : 1;
}

async function refuseIfRunning(
  options: UpOptions,
  specs: readonly ProcessSpec[],
  at: Topology,
): Promise<void> {
  const running = readRunState(options.dataDir, 'up');
  if (isAlive(running)) {
    throw new UsageError(
      `an instance already runs in ${options.dataDir} (pid ${running.pid}); stop it with: npx tier0 down`,
    );
  }
  const wanted = wantedPorts(specs, at);
  const ours = leftoverPorts(options, specs);
  const taken = await takenPorts(
    at.host,
    wanted.filter(({ port }) => !ours.has(port)),
  );
  if (taken.length > 0) {
    throw new UsageError(
      `${taken.join('\n')}\nStop what listens there, or move all ports together with --port-offset N.`,
    );
  }
}

/** Ports of groups that outlived a killed `up`: their processes are taken over or ended, not complained about. */
function leftoverPorts(options: UpOptions, specs: readonly ProcessSpec[]): Set<number> {
  const groups = new Set(specs.map((spec) => spec.group));
  const known = [...groups].some((group) => readRunState(options.dataDir, group) !== null);
  return new Set(
    known && readRunState(options.dataDir, 'up')?.portOffset === options.portOffset
      ? wantedPorts(specs, topology(options.portOffset)).map(({ port }) => port)
      : [],
  );
}

function publishDashboard(dataDir: string): void {
  const built = join(PROJECT_DIR, 'dashboard/dist');
  if (!existsSync(built)) throw new UsageError('the dashboard is not built; run: npm run build -w dashboard');
  rmSync(webRootOf(dataDir), { recursive: true, force: true });
  cpSync(built, webRootOf(dataDir), { recursive: true });
  // Alerts link to these pages.
  cpSync(join(PROJECT_DIR, 'docs/runbooks'), join(webRootOf(dataDir), 'runbooks'), { recursive: true });
}

function announce(at: Topology, options: UpOptions, startedMs: number, print: (line: string) => void): void {
  const seconds = ((monotonicMs() - startedMs) / 1000).toFixed(1);
  print(`ready in ${seconds} s`);
  print(`  dashboard   http://localhost:${at.edge.dashboard}`);
  print(`  API         http://localhost:${at.edge.api}/docs`);
  print(`  MQTT        mosquitto_sub -h localhost -p ${at.edge.mqtt} -t 'og/field/#' -v`);
  if (options.observability) print(`  Prometheus  http://localhost:${at.edge.prometheus}`);
  if (options.simulators) print(`  simulator   ${options.rate} readings/s over ${FLEET_SIZE} devices`);
  if (options.simulators && options.users > 0)
    print(`  users       ${options.users} simulated, through the API`);
  print('Ctrl-C stops everything; data is kept.');
}

/** The running groups: data regions and witness under supervisors of their own, the rest in this process. */
class Instance {
  readonly #options: UpOptions;
  readonly #specs: readonly ProcessSpec[];
  readonly #topology: Topology;
  readonly #account: Account | null;
  readonly #print: (line: string) => void;
  readonly #startedMs: number;
  readonly #regions = new Map<Member, { child: ChildProcess | null; loop: Promise<void> }>();
  readonly #local: GroupSupervisor[] = [];
  readonly #stop = new AbortController();
  readonly #ready = new Set<string>();

  constructor(
    options: UpOptions,
    specs: readonly ProcessSpec[],
    at: Topology,
    account: Account | null,
    print: (line: string) => void,
    startedMs: number,
  ) {
    this.#options = options;
    this.#specs = specs;
    this.#topology = at;
    this.#account = account;
    this.#print = print;
    this.#startedMs = startedMs;
  }

  /** True when everything became ready; false when it took too long or `signal` aborted first. */
  async start(signal: AbortSignal): Promise<boolean> {
    for (const member of MEMBERS) {
      const entry = { child: null, loop: Promise.resolve() };
      this.#regions.set(member, entry);
      entry.loop = this.#superviseRegion(member);
    }
    void this.#startLocal('edge');
    const limit = AbortSignal.any([signal, AbortSignal.timeout(READY_TIMEOUT_MS)]);
    const ready = await this.#serves(limit);
    if (!ready) {
      if (!signal.aborted)
        this.#print(`not ready after ${READY_TIMEOUT_MS / 1000} s; see: npx tier0 status, npx tier0 logs`);
      return false;
    }
    if (this.#options.simulators) await Promise.race([this.#startLocal('simulators'), untilAborted(limit)]);
    return !signal.aborted;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    for (const group of this.#local.reverse()) await group.stop();
    for (const { child } of this.#regions.values()) child?.kill('SIGTERM');
    await Promise.all([...this.#regions.values()].map(({ loop }) => loop));
  }

  /** A region's supervisor leads a process group of its own, so the region can be lost as one. */
  async #superviseRegion(member: Member): Promise<void> {
    const restarts = new RestartBackoff(REGION_RESTART);
    while (!this.#stop.signal.aborted) {
      const entry = this.#regions.get(member);
      if (entry === undefined) return;
      const startedMs = monotonicMs();
      const child = spawn(process.execPath, [MAIN_FILE, 'group', member], {
        detached: true,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: {
          ...process.env,
          TIER0_DATA_DIR: this.#options.dataDir,
          TIER0_PORT_OFFSET: String(this.#options.portOffset),
          TIER0_RATE: String(this.#options.rate),
          TIER0_RABBITMQ: String(this.#options.rabbitmq),
          TIER0_RAG: String(this.#options.rag),
          TIER0_VISION: String(this.#options.vision),
          TIER0_CAMERA_INTERVAL_S: String(this.#options.cameraIntervalS),
          TIER0_OBSERVABILITY: String(this.#options.observability),
        },
      });
      entry.child = child;
      child.on('message', (status: ProcessStatus) => this.#onStatus(status));
      await new Promise((resolve) => child.once('close', resolve));
      entry.child = null;
      if (this.#stop.signal.aborted) return;
      this.#print(`${member}: its supervisor died; starting it again`);
      await pause(restarts.delayMs(monotonicMs() - startedMs), this.#stop.signal);
    }
  }

  #startLocal(group: Group): Promise<void> {
    const supervisor = new GroupSupervisor({
      group,
      specs: groupOf(this.#specs, group),
      topology: this.#topology,
      dataDir: this.#options.dataDir,
      webRoot: webRootOf(this.#options.dataDir),
      account: this.#account,
      trustedProxies: this.#options.trustedProxies,
      observability: this.#options.observability,
      targets: targets(this.#specs, this.#topology),
      alertWebhook: this.#options.alertWebhook,
      onStatus: (status) => this.#onStatus(status),
    });
    this.#local.push(supervisor);
    return supervisor.start();
  }

  /** The first time a part is ready, and every time it dies, is worth a line. */
  #onStatus(status: ProcessStatus): void {
    const part = `${status.group} ${status.name}`;
    if (status.state === 'backoff') this.#print(`${part}: died; restarting (${status.restarts})`);
    if (status.state !== 'ready') return;
    const again = this.#ready.has(part);
    this.#ready.add(part);
    const seconds = ((monotonicMs() - this.#startedMs) / 1000).toFixed(1);
    this.#print(
      again
        ? `${part}: ready again`
        : `${part.padEnd(22)} ready ${seconds.padStart(5)} s  port ${status.port}`,
    );
  }

  /** Waits until the front door answers healthy, which needs a leader, the cache and an ingest. */
  async #serves(limit: AbortSignal): Promise<boolean> {
    const { host, edge } = this.#topology;
    do {
      const healthy = await probe(host, { kind: 'http', port: edge.api, path: '/health' });
      if (healthy && this.#allReady()) return true;
    } while (await pause(100, limit));
    return false;
  }

  #allReady(): boolean {
    return this.#specs.every(
      ({ group, name, joinsLater }) =>
        group === 'simulators' || joinsLater || this.#ready.has(`${group} ${name}`),
    );
  }
}
