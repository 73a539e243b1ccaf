/**
 * What runs, in which group, after what. Pure: the same options always give the same plan.
 *
 * A group is one failure domain with its own supervisor. PostgreSQL is missing on purpose: a region's agent
 * starts it, because only the cluster record may say in which role.
 */
import { join } from 'node:path';
import type { Probe } from '../lib/probe.ts';
import {
  DATA_REGIONS,
  type DataRegion,
  type Group,
  MEMBERS,
  type Member,
  type Topology,
} from '../lib/topology.ts';

export type ProcessSpec = {
  readonly name: string;
  readonly group: Group;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Engines drop to the unprivileged service account when we are root; our roles keep our own. */
  readonly account: 'service' | 'own';
  readonly ports: readonly number[];
  readonly ready: Probe;
  /** Steps nicer than the supervisor: see PRIORITY. */
  readonly priority: number;
  /** Names in the same group that must be ready first. */
  readonly after: readonly string[];
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  /** A log that the engine writes itself: rotated by size, then the signal makes it reopen the file. */
  readonly ownLog?: { readonly path: string; readonly reopen: NodeJS.Signals };
};

export type PlanOptions = {
  readonly topology: Topology;
  readonly dataDir: string;
  readonly node: string;
  readonly mainFile: string;
  readonly simulators: boolean;
  /** Readings per second over the whole fleet. */
  readonly rate: number;
  readonly expectedIntervalS: number;
  readonly programs: Programs;
};

/** Absolute paths of the engines' executables. */
export type Programs = {
  readonly etcd: string;
  readonly redisServer: string;
  readonly redisSentinel: string;
  readonly mosquitto: string;
  readonly nginx: string;
};

export function plan(options: PlanOptions): ProcessSpec[] {
  return [
    ...DATA_REGIONS.flatMap((region) => dataRegion(options, region)),
    ...member(options, 'witness'),
    ...edge(options),
    ...(options.simulators ? simulators(options) : []),
  ];
}

/** Directory of one process: its generated configuration and its state. */
export function processDir(dataDir: string, group: Group, name: string): string {
  return join(dataDir, group, name);
}

export function groupOf(specs: readonly ProcessSpec[], group: Group): ProcessSpec[] {
  return specs.filter((spec) => spec.group === group);
}

function member(options: PlanOptions, group: Member): ProcessSpec[] {
  const { topology, dataDir, programs } = options;
  const ports = topology[group];
  const sentinelConf = join(processDir(dataDir, group, 'sentinel'), 'sentinel.conf');
  return [
    engine(group, 'etcd', programs.etcd, etcdArgs(topology, dataDir, group), {
      ports: [ports.etcdClient, ports.etcdPeer],
      ready: { kind: 'tcp', port: ports.etcdClient },
    }),
    engine(group, 'sentinel', programs.redisSentinel, [sentinelConf], {
      ports: [ports.sentinel],
      ready: { kind: 'tcp', port: ports.sentinel },
    }),
    {
      ...role(options, group, 'agent', ports.agent),
      stopTimeoutMs: 30_000,
    },
  ];
}

function dataRegion(options: PlanOptions, group: DataRegion): ProcessSpec[] {
  const { topology, dataDir, programs } = options;
  const ports = topology[group];
  const redisConf = join(processDir(dataDir, group, 'redis'), 'redis.conf');
  return [
    engine(group, 'redis', programs.redisServer, [redisConf], {
      ports: [ports.redis],
      ready: { kind: 'tcp', port: ports.redis },
    }),
    ...member(options, group),
    { ...role(options, group, 'ingest', ports.ingestHttp), ports: [ports.ingestHttp, ports.ingestMqtt] },
    role(options, group, 'api', ports.api),
    role(options, group, 'worker', ports.worker),
  ];
}

function edge(options: PlanOptions): ProcessSpec[] {
  const { topology, dataDir, programs } = options;
  const ports = topology.edge;
  const nginxDir = processDir(dataDir, 'edge', 'nginx');
  return [
    engine(
      'edge',
      'mosquitto',
      programs.mosquitto,
      ['-c', join(processDir(dataDir, 'edge', 'mosquitto'), 'mosquitto.conf')],
      { ports: [ports.mqtt], ready: { kind: 'tcp', port: ports.mqtt } },
    ),
    {
      ...engine(
        'edge',
        'nginx',
        programs.nginx,
        ['-p', nginxDir, '-c', join(nginxDir, 'nginx.conf'), '-e', 'stderr'],
        {
          ports: [ports.dashboard, ports.api, ports.control],
          ready: { kind: 'tcp', port: ports.dashboard },
        },
      ),
      ownLog: { path: join(dataDir, 'logs', 'edge-access.log'), reopen: 'SIGUSR1' },
    },
    withEnv(role(options, 'edge', 'control', ports.controlRole), {
      TIER0_SIMULATED_FLEET: String(options.simulators),
    }),
  ];
}

function simulators(options: PlanOptions): ProcessSpec[] {
  const spec = role(options, 'simulators', 'simulator', options.topology.simulator.http);
  return [withEnv(spec, { TIER0_RATE: String(options.rate) })];
}

function withEnv(spec: ProcessSpec, env: Readonly<Record<string, string>>): ProcessSpec {
  return { ...spec, env: { ...spec.env, ...env } };
}

/**
 * Who must not wait for a processor when all are busy: a late heartbeat looks like a dead region, and everything
 * waits for the database. PostgreSQL has its agent's priority. What can wait is nicer.
 */
const PRIORITY: Readonly<Record<string, number>> = { etcd: -10, agent: -5, worker: 5, simulator: 10 };

function engine(
  group: Group,
  name: string,
  command: string,
  args: readonly string[],
  rest: Pick<ProcessSpec, 'ports' | 'ready'>,
): ProcessSpec {
  return {
    name,
    group,
    command,
    args,
    env: {},
    account: 'service',
    priority: PRIORITY[name] ?? 0,
    after: [],
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
    ...rest,
  };
}

function role(options: PlanOptions, group: Group, name: string, httpPort: number): ProcessSpec {
  return {
    name,
    group,
    command: options.node,
    args: ['--max-semi-space-size=8', options.mainFile, 'role', name],
    env: {
      // glibc would keep an arena per thread, which is most of what a role holds beyond its own heap.
      MALLOC_ARENA_MAX: '1',
      TIER0_DATA_DIR: options.dataDir,
      TIER0_PORT_OFFSET: String(options.topology.offset),
      TIER0_REGION: group,
      TIER0_EXPECTED_INTERVAL_S: String(options.expectedIntervalS),
    },
    account: 'own',
    priority: PRIORITY[name] ?? 0,
    ports: [httpPort],
    ready: { kind: 'http', port: httpPort, path: name === 'api' ? '/live' : '/health' },
    after: [],
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 12_000,
  };
}

function etcdArgs(topology: Topology, dataDir: string, self: Member): string[] {
  const url = (port: number): string => `http://${topology.host}:${port}`;
  const ports = topology[self];
  const cluster = MEMBERS.map((name) => `${name}=${url(topology[name].etcdPeer)}`).join(',');
  return [
    `--name=${self}`,
    `--data-dir=${join(processDir(dataDir, self, 'etcd'), 'data')}`,
    `--listen-client-urls=${url(ports.etcdClient)}`,
    `--advertise-client-urls=${url(ports.etcdClient)}`,
    `--listen-peer-urls=${url(ports.etcdPeer)}`,
    `--initial-advertise-peer-urls=${url(ports.etcdPeer)}`,
    `--initial-cluster=${cluster}`,
    '--initial-cluster-token=tier0',
    '--initial-cluster-state=new',
    '--heartbeat-interval=100',
    '--election-timeout=1000',
    '--logger=zap',
    '--log-level=warn',
    // Heartbeats make about 30 revisions a second; nobody reads old ones.
    '--auto-compaction-mode=revision',
    '--auto-compaction-retention=1000',
    '--snapshot-count=10000',
    // The write-ahead log makes a write durable; the backend file may follow in larger steps.
    '--backend-batch-interval=1s',
    '--enable-v2=false',
  ];
}
