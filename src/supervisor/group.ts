/** One failure domain: writes its engines' configuration, starts its processes in order, stops in reverse. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, giveTo } from '../lib/account.ts';
import { every } from '../lib/clock.ts';
import { leaderMarker } from '../lib/front-door.ts';
import { signalProcess, startTicks } from '../lib/process-table.ts';
import { type ProcessStatus, writeRunState } from '../lib/run-state.ts';
import { readSecrets } from '../lib/secrets.ts';
import { type Group, isDataRegion, MEMBERS, type Topology } from '../lib/topology.ts';
import { mosquittoConf, nginxConf, redisConf, sentinelConf } from './engine-config.ts';
import { stopLeftovers } from './leftovers.ts';
import { LOG_MAX_BYTES, rotate } from './log-file.ts';
import { type ProcessSpec, processDir } from './plan.ts';
import { SupervisedProcess } from './process.ts';

export type GroupOptions = {
  readonly group: Group;
  readonly specs: readonly ProcessSpec[];
  readonly topology: Topology;
  readonly dataDir: string;
  readonly webRoot: string;
  readonly account: Account | null;
  readonly onStatus: (status: ProcessStatus) => void;
};

const ROTATE_CHECK_MS = 30_000;

export class GroupSupervisor {
  readonly #options: GroupOptions;
  readonly #processes: SupervisedProcess[];
  readonly #stop = new AbortController();

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#processes = options.specs.map(
      (spec) =>
        new SupervisedProcess({
          spec,
          dataDir: options.dataDir,
          host: options.topology.host,
          account: options.account,
          onChange: (status) => this.#onChange(status),
        }),
    );
  }

  /** Resolves when every process has been ready once. */
  async start(): Promise<void> {
    await stopLeftovers(this.#options.dataDir, this.#options.group);
    this.#writeState();
    writeEngineConfig(this.#options);
    every(ROTATE_CHECK_MS, this.#stop.signal, () => this.#rotateOwnLogs());
    const ready = new Map<string, Promise<void>>();
    for (const process of this.#processes) {
      const before = process.spec.after.map((name) => ready.get(name) ?? Promise.resolve());
      ready.set(process.spec.name, process.start(Promise.all(before)));
    }
    await Promise.all(ready.values());
  }

  /** Our roles stop first, the agent (and with it PostgreSQL) after them, the engines last. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const engines = this.#processes.filter((process) => process.spec.account === 'service');
    const agents = this.#processes.filter((process) => process.spec.name === 'agent');
    const roles = this.#processes.filter((p) => !engines.includes(p) && !agents.includes(p));
    for (const stage of [roles, agents, engines]) {
      await Promise.all(stage.map((process) => process.stop()));
    }
  }

  #onChange(status: ProcessStatus): void {
    this.#writeState();
    this.#options.onStatus(status);
  }

  #writeState(): void {
    const { dataDir, group, topology } = this.#options;
    writeRunState(dataDir, group, {
      group,
      pid: process.pid,
      startTicks: startTicks(process.pid),
      portOffset: topology.offset,
      processes: this.#processes.map((supervised) => supervised.status),
    });
  }

  #rotateOwnLogs(): void {
    for (const { spec, status } of this.#processes) {
      const { ownLog } = spec;
      if (ownLog === undefined || status.pid === null || !existsSync(ownLog.path)) continue;
      if (statSync(ownLog.path).size < LOG_MAX_BYTES) continue;
      rotate(ownLog.path);
      signalProcess(status.pid, ownLog.reopen);
    }
  }
}

function writeEngineConfig({ group, specs, topology, dataDir, webRoot, account }: GroupOptions): void {
  const redisPassword = readSecrets(dataDir).redis;
  for (const { name, account: runsAs } of specs) {
    const dir = processDir(dataDir, group, name);
    mkdirSync(dir, { recursive: true });
    if (runsAs !== 'service') continue;
    giveTo(account, dir);
    const write = (file: string, text: string): void => {
      const path = join(dir, file);
      writeFileSync(path, text, { mode: 0o600 });
      giveTo(account, path);
    };
    // Redis and Sentinel rewrite their own files when roles change: theirs are made once and then left alone.
    const writeOnce = (file: string, text: string): void => {
      if (!existsSync(join(dir, file))) write(file, text);
    };
    if (name === 'redis' && isDataRegion(group))
      writeOnce('redis.conf', redisConf(topology, group, dir, redisPassword));
    const member = MEMBERS.find((candidate) => candidate === group);
    if (name === 'sentinel' && member !== undefined) {
      writeOnce('sentinel.conf', sentinelConf(topology, member, dir, redisPassword));
    }
    if (name === 'mosquitto') write('mosquitto.conf', mosquittoConf(topology, dir));
    if (name === 'nginx') {
      const accessLog = join(dataDir, 'logs', 'edge-access.log');
      write(
        'nginx.conf',
        nginxConf({
          topology,
          dir,
          webRoot,
          accessLog,
          mimeTypes: '/etc/nginx/mime.types',
          region2Leads: leaderMarker(dataDir),
        }),
      );
    }
  }
}
