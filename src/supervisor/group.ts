/** One failure domain: writes its engines' configuration, starts its processes in order, stops in reverse. */
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Account, giveTo } from '../lib/account.ts';
import { every } from '../lib/clock.ts';
import { frontDoorLog, leaderMarker } from '../lib/front-door.ts';
import { signalProcess, startTicks } from '../lib/process-table.ts';
import { type ProcessStatus, writeRunState } from '../lib/run-state.ts';
import { readSecrets, type Secrets } from '../lib/secrets.ts';
import { type Group, isDataRegion, MEMBERS, type Topology } from '../lib/topology.ts';
import { mosquittoConf, type NginxOptions, nginxConf, redisConf, sentinelConf } from './engine-config.ts';
import { stopLeftovers } from './leftovers.ts';
import { rotate } from './log-file.ts';
import { alertmanagerConfig, prometheusConfig } from './observability/prometheus-config.ts';
import { ruleFile } from './observability/rules.ts';
import type { Target } from './observability/targets.ts';
import { SupervisedProcess } from './process.ts';
import { type ProcessSpec, processDir } from './process-spec.ts';
import { rabbitmqFiles } from './rabbitmq-config.ts';

export type GroupOptions = {
  readonly group: Group;
  readonly specs: readonly ProcessSpec[];
  readonly topology: Topology;
  readonly dataDir: string;
  readonly webRoot: string;
  readonly account: Account | null;
  readonly trustedProxies: readonly string[];
  readonly observability: boolean;
  /** Of the whole plan: what Prometheus asks. */
  readonly targets: readonly Target[];
  readonly alertWebhook: string | null;
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
      const before = process.spec.after.map((name) => {
        const earlier = ready.get(name);
        if (earlier === undefined) throw new Error(`${name} stands behind ${process.spec.name} in the plan`);
        return earlier;
      });
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
      if (statSync(ownLog.path).size < ownLog.maxBytes) continue;
      rotate(ownLog.path);
      signalProcess(status.pid, ownLog.reopen);
    }
  }
}

type ConfigFile = {
  readonly file: string;
  readonly text: string;
  /** The engine rewrites it when roles change: it is made once and then left alone. */
  readonly once?: boolean;
};

function configFiles(name: string, dir: string, options: GroupOptions, secrets: Secrets): ConfigFile[] {
  const { group, topology, observability: observes } = options;
  const member = MEMBERS.find((candidate) => candidate === group);
  switch (name) {
    case 'redis':
      return isDataRegion(group)
        ? [{ file: 'redis.conf', text: redisConf(topology, group, dir, secrets.redis), once: true }]
        : [];
    case 'sentinel':
      return member === undefined
        ? []
        : [{ file: 'sentinel.conf', text: sentinelConf(topology, member, dir, secrets.redis), once: true }];
    case 'rabbitmq':
      return member === undefined ? [] : rabbitmqFiles(topology, member, secrets.rabbitmq, observes);
    case 'postgres-exporter':
      return [{ file: 'pass', text: secrets.postgres.monitor }];
    case 'redis-exporter':
      return [{ file: 'passwords.json', text: redisPasswords(options, secrets.redis) }];
    case 'prometheus':
      return prometheusFiles(options, dir);
    case 'alertmanager':
      return [
        {
          file: 'alertmanager.json',
          text: JSON.stringify(alertmanagerConfig(options.alertWebhook), null, 2),
        },
      ];
    case 'mosquitto':
      return [{ file: 'mosquitto.conf', text: mosquittoConf(topology, dir) }];
    case 'nginx':
      return [{ file: 'nginx.conf', text: nginxConf(nginxOptions(options, dir)) }];
    default:
      return [];
  }
}

/** The exporter looks the password of an address up in this file. */
function redisPasswords({ targets, group }: GroupOptions, password: string): string {
  const addresses = targets.flatMap(({ region, params }) =>
    region === group && params?.target !== undefined ? [params.target] : [],
  );
  return JSON.stringify(Object.fromEntries(addresses.map((address) => [address, password])));
}

function prometheusFiles({ topology, targets }: GroupOptions, dir: string): ConfigFile[] {
  const runbook = (file: string): string => `http://localhost:${topology.edge.dashboard}/runbooks/${file}`;
  const rules = 'rules.json';
  const config = prometheusConfig(targets, topology, join(dir, rules));
  return [
    { file: 'prometheus.json', text: JSON.stringify(config, null, 2) },
    { file: rules, text: JSON.stringify(ruleFile(runbook), null, 2) },
  ];
}

function writeEngineConfig(options: GroupOptions): void {
  const { group, specs, dataDir, account } = options;
  const secrets = readSecrets(dataDir);
  for (const { name, account: runsAs } of specs) {
    const dir = processDir(dataDir, group, name);
    mkdirSync(dir, { recursive: true });
    if (runsAs !== 'service') continue;
    giveTo(account, dir);
    for (const { file, text, once = false } of configFiles(name, dir, options, secrets)) {
      const path = join(dir, file);
      if (once && existsSync(path)) continue;
      writeFileSync(path, text, { mode: 0o600 });
      giveTo(account, path);
    }
  }
}

function nginxOptions(
  { topology, webRoot, dataDir, trustedProxies, observability }: GroupOptions,
  dir: string,
): NginxOptions {
  return {
    topology,
    dir,
    webRoot,
    accessLog: frontDoorLog(dataDir),
    mimeTypes: '/etc/nginx/mime.types',
    region2Leads: leaderMarker(dataDir),
    trustedProxies,
    status: observability,
    // sock_diag(7) asks for CAP_NET_ADMIN.
    cutsConnections: process.getuid?.() === 0,
  };
}
