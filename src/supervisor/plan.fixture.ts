import { topology } from '../lib/topology.ts';
import type { PlanOptions } from './process-spec.ts';

/** Everything that can be planned. */
export const planFixture = (offset = 0, changes: Partial<PlanOptions> = {}): PlanOptions => ({
  topology: topology(offset),
  dataDir: '/data',
  node: '/bin/node',
  mainFile: '/src/main.ts',
  simulators: true,
  users: 1_000,
  rate: 1_000,
  expectedIntervalS: 100,
  programs: {
    etcd: '/e',
    redisServer: '/r',
    redisSentinel: '/s',
    mosquitto: '/m',
    nginx: '/n',
    rabbitmqServer: '/q',
    rabbitmqctl: '/c',
    epmd: '/p',
    prometheus: '/o',
    alertmanager: '/a',
    postgresExporter: '/x',
    redisExporter: '/y',
    nginxExporter: '/z',
  },
  rabbitmq: true,
  rag: true,
  vision: true,
  cameraIntervalS: 60,
  observability: true,
  ...changes,
});
