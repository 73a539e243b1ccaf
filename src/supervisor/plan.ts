/**
 * What runs, in which group, after what. Pure: the same options always give the same plan.
 *
 * A group is one failure domain with its own supervisor. PostgreSQL is missing on purpose: a region's agent
 * starts it, because only the cluster record may say in which role.
 */
import { join } from 'node:path';
import { frontDoorLog } from '../lib/front-door.ts';
import type { Probe } from '../lib/probe.ts';
import { DATA_REGIONS, type DataRegion, type Group, MEMBERS, type Member } from '../lib/topology.ts';
import { etcdArgs } from './etcd-config.ts';
import { edgeObservability, postgresExporter, redisExporter } from './observability/specs.ts';
import { engine, type PlanOptions, type ProcessSpec, processDir, role, withEnv } from './process-spec.ts';
import { rabbitmqEnv, SEED } from './rabbitmq-config.ts';

/** Four of these are kept, so a request waits in them for the database for half an hour at 400 requests a second. */
const FRONT_DOOR_LOG_BYTES = 64 * 1024 * 1024;

export function plan(options: PlanOptions): ProcessSpec[] {
  return [
    ...DATA_REGIONS.flatMap((region) => dataRegion(options, region)),
    ...member(options, 'witness'),
    ...(options.rabbitmq ? MEMBERS.map((group) => rabbitmqNode(options, group)) : []),
    ...edge(options),
    ...(options.simulators ? simulators(options) : []),
  ];
}

export function groupOf(specs: readonly ProcessSpec[], group: Group): ProcessSpec[] {
  return specs.filter((spec) => spec.group === group);
}

function member(options: PlanOptions, group: Member): ProcessSpec[] {
  const { topology, dataDir, programs } = options;
  const ports = topology[group];
  const sentinelConf = join(processDir(dataDir, group, 'sentinel'), 'sentinel.conf');
  return [
    engine(
      group,
      'etcd',
      programs.etcd,
      etcdArgs(topology, join(processDir(dataDir, group, 'etcd'), 'data'), group),
      {
        ports: [ports.etcdClient, ports.etcdPeer],
        ready: { kind: 'tcp', port: ports.etcdClient },
      },
    ),
    engine(group, 'sentinel', programs.redisSentinel, [sentinelConf], {
      ports: [ports.sentinel],
      ready: { kind: 'tcp', port: ports.sentinel },
    }),
    {
      ...role(options, group, 'agent', ports.agent),
      stopTimeoutMs: 30_000,
    },
    ...(options.observability ? [redisExporter(options, group)] : []),
  ];
}

/** Three nodes take half a minute of processor time to start: after everything else. */
function rabbitmqNode(options: PlanOptions, group: Member): ProcessSpec {
  const { topology, dataDir, programs } = options;
  const { rabbitmq: port, rabbitmqPeer, rabbitmqMetrics } = topology[group];
  const dir = processDir(dataDir, group, 'rabbitmq');
  const spec = engine(group, 'rabbitmq', programs.rabbitmqServer, ['-noinput'], {
    ports: options.observability ? [port, rabbitmqPeer, rabbitmqMetrics] : [port, rabbitmqPeer],
    ready: { kind: 'tcp', port },
  });
  const seed: Probe = { kind: 'tcp', port: topology[SEED].rabbitmq };
  return {
    ...spec,
    env: rabbitmqEnv(topology, group, dir),
    after: group === 'witness' ? ['agent'] : ['agent', 'api', 'ingest', 'worker'],
    joinsLater: true,
    stopTimeoutMs: 20_000,
    ...(group === SEED ? {} : { firstAfter: { probe: seed, unless: join(dir, 'data') } }),
  };
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
    ...(options.rag ? [later(options, group, 'rag')] : []),
    ...(options.vision ? [later(options, group, 'vision')] : []),
    ...(options.observability ? [postgresExporter(options, group)] : []),
  ];
}

/** Their packages take a second of a processor to load: after what readings wait for. */
function later(options: PlanOptions, group: DataRegion, name: 'rag' | 'vision'): ProcessSpec {
  return {
    ...role(options, group, name, options.topology[group][name]),
    after: ['api', 'ingest', 'worker'],
    joinsLater: true,
  };
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
          ports: [
            ...[ports.dashboard, ports.api, ports.rag, ports.vision, ports.control],
            ...(options.observability ? [ports.nginxStatus] : []),
          ],
          ready: { kind: 'tcp', port: ports.dashboard },
        },
      ),
      ownLog: { path: frontDoorLog(dataDir), maxBytes: FRONT_DOOR_LOG_BYTES, reopen: 'SIGUSR1' },
    },
    withEnv(role(options, 'edge', 'control', ports.controlRole), {
      TIER0_SIMULATED_FLEET: String(options.simulators),
      TIER0_RABBITMQCTL: programs.rabbitmqctl,
    }),
    role(options, 'edge', 'shipper', ports.shipper),
    ...(options.vision ? [role(options, 'edge', 'inbox', ports.inbox)] : []),
    ...(options.rabbitmq
      ? [
          engine('edge', 'epmd', programs.epmd, ['-port', String(ports.epmd), '-address', topology.host], {
            ports: [ports.epmd],
            ready: { kind: 'tcp', port: ports.epmd },
          }),
        ]
      : []),
    ...(options.observability ? edgeObservability(options) : []),
  ];
}

function simulators(options: PlanOptions): ProcessSpec[] {
  const ports = options.topology.simulator;
  const users = role(options, 'simulators', 'users', ports.users);
  const cameras = { ...role(options, 'simulators', 'cameras', ports.cameras), joinsLater: true };
  const shown = options.vision && options.cameraIntervalS > 0;
  return [
    withEnv(role(options, 'simulators', 'simulator', ports.http), { TIER0_RATE: String(options.rate) }),
    ...(options.users > 0 ? [withEnv(users, { TIER0_USERS: String(options.users) })] : []),
    ...(shown ? [withEnv(cameras, { TIER0_CAMERA_INTERVAL_S: String(options.cameraIntervalS) })] : []),
  ];
}
