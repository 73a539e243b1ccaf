/** One process of an instance, and how its specification is made. Pure. */
import { join } from 'node:path';
import type { Probe } from '../lib/probe.ts';
import type { Group, Topology } from '../lib/topology.ts';

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
  /** The system is usable without it: nobody waits for it at the start. */
  readonly joinsLater: boolean;
  /** Until its own data is there: what must answer before it starts, also in another group. */
  readonly firstAfter?: { readonly probe: Probe; readonly unless: string };
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  /** A log that the engine writes itself: rotated by size, then the signal makes it reopen the file. */
  readonly ownLog?: {
    readonly path: string;
    readonly maxBytes: number;
    readonly reopen: NodeJS.Signals;
  };
};

export type PlanOptions = {
  readonly topology: Topology;
  readonly dataDir: string;
  readonly node: string;
  readonly mainFile: string;
  readonly simulators: boolean;
  /** Simulated users; 0: none. */
  readonly users: number;
  /** Readings per second over the whole fleet. */
  readonly rate: number;
  readonly expectedIntervalS: number;
  readonly programs: Programs;
  readonly rabbitmq: boolean;
  readonly rag: boolean;
  readonly vision: boolean;
  /** Seconds between two photos of a simulated camera; 0: there are none. */
  readonly cameraIntervalS: number;
  /** Prometheus, Alertmanager, their exporters, and the prober. */
  readonly observability: boolean;
};

/** Absolute paths of the engines' executables. */
export type Programs = {
  readonly etcd: string;
  readonly redisServer: string;
  readonly redisSentinel: string;
  readonly mosquitto: string;
  readonly nginx: string;
  readonly rabbitmqServer: string;
  readonly rabbitmqctl: string;
  readonly epmd: string;
  readonly prometheus: string;
  readonly alertmanager: string;
  readonly postgresExporter: string;
  readonly redisExporter: string;
  readonly nginxExporter: string;
};

/** Directory of one process: its generated configuration and its state. */
export function processDir(dataDir: string, group: Group, name: string): string {
  return join(dataDir, group, name);
}

export function withEnv(spec: ProcessSpec, env: Readonly<Record<string, string>>): ProcessSpec {
  return { ...spec, env: { ...spec.env, ...env } };
}

/**
 * Who must not wait for a processor when all are busy: a late heartbeat looks like a dead region, and everything
 * waits for the database, which has its agent's priority. People wait for the front door and the API; devices send in
 * windows and wait better. What nobody waits for is nicer. The prober is as its clients are: nicer, it would measure how
 * long it waited itself for a processor. The simulated users are as people are: nicer, they would
 * measure how long they themselves waited for a processor.
 */
const PRIORITY: Readonly<Record<string, number>> = {
  etcd: -10,
  // Sentinel takes a Redis for dead that does not answer for half a second.
  redis: -5,
  sentinel: -5,
  agent: -5,
  nginx: -5,
  api: -5,
  worker: 5,
  rag: 5,
  vision: 10,
  inbox: 5,
  cameras: 10,
  rabbitmq: 5,
  shipper: 5,
  prober: -5,
  prometheus: 5,
  alertmanager: 5,
  'postgres-exporter': 10,
  'redis-exporter': 10,
  'nginx-exporter': 10,
  simulator: 10,
};

export function engine(
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
    joinsLater: false,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 10_000,
    ...rest,
  };
}

/** Megabytes of V8's young objects, in each thread. Photos and tensors are not V8's, so vision has few of them. */
const SEMI_SPACE_MB = 8;
const SEMI_SPACE_OF: Readonly<Record<string, number>> = { vision: 2 };
/** glibc gives what is freed back to the system only from a size on, which it raises by itself: not here. */
const MALLOC_OF: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  vision: { MALLOC_MMAP_THRESHOLD_: '1000000' },
};

export function role(options: PlanOptions, group: Group, name: string, httpPort: number): ProcessSpec {
  return {
    name,
    group,
    command: options.node,
    args: [`--max-semi-space-size=${SEMI_SPACE_OF[name] ?? SEMI_SPACE_MB}`, options.mainFile, 'role', name],
    env: {
      // glibc would keep an arena per thread, which is most of what a role holds beyond its own heap.
      MALLOC_ARENA_MAX: '1',
      ...MALLOC_OF[name],
      TIER0_DATA_DIR: options.dataDir,
      TIER0_PORT_OFFSET: String(options.topology.offset),
      TIER0_REGION: group,
      TIER0_EXPECTED_INTERVAL_S: String(options.expectedIntervalS),
      TIER0_RABBITMQ: String(options.rabbitmq),
    },
    account: 'own',
    priority: PRIORITY[name] ?? 0,
    ports: [httpPort],
    ready: { kind: 'http', port: httpPort, path: name === 'api' ? '/live' : '/health' },
    after: [],
    joinsLater: false,
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 12_000,
  };
}
