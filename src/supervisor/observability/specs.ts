/** The processes of observability: Prometheus, Alertmanager, exporters, and the prober. */
import { join } from 'node:path';
import type { DataRegion, Member } from '../../lib/topology.ts';
import { engine, type PlanOptions, type ProcessSpec, processDir, role, withEnv } from '../process-spec.ts';

/** A window of three days must fit; the size is the bound on the disk. */
const RETENTION = { time: '15d', size: '1GB' };
/** Go's collector at half its usual slack: three hundred megabytes are Prometheus' bound, and it idles. */
const GO_ENV = { GOGC: '50', GOMAXPROCS: '1' };

/** Nobody waits for them at the start; after what readings wait for. */
const later = (spec: ProcessSpec, after: readonly string[], env: ProcessSpec['env'] = {}): ProcessSpec => ({
  ...withEnv(spec, env),
  after,
  joinsLater: true,
});

/** The member's Sentinel and, in a data region, its Redis. It stands in the region, so that it is lost with it. */
export function redisExporter({ topology, dataDir, programs }: PlanOptions, group: Member): ProcessSpec {
  const name = 'redis-exporter';
  const port = topology[group].redisExporter;
  const passwords = join(processDir(dataDir, group, name), 'passwords.json');
  const args = [
    `-web.listen-address=${topology.host}:${port}`,
    '-redis.addr=',
    `-redis.password-file=${passwords}`,
    '-redis-only-metrics',
    '-connection-timeout=2s',
  ];
  const spec = engine(group, name, programs.redisExporter, args, {
    ports: [port],
    ready: { kind: 'tcp', port },
  });
  return later(spec, ['sentinel'], GO_ENV);
}

export function postgresExporter(
  { topology, dataDir, programs }: PlanOptions,
  group: DataRegion,
): ProcessSpec {
  const name = 'postgres-exporter';
  const port = topology[group].postgresExporter;
  const args = [
    `--web.listen-address=${topology.host}:${port}`,
    '--disable-settings-metrics',
    '--log.level=error',
  ];
  const spec = engine(group, name, programs.postgresExporter, args, {
    ports: [port],
    ready: { kind: 'tcp', port },
  });
  const database = `${topology.host}:${topology[group].postgres}/tier0?sslmode=disable&connect_timeout=2&application_name=${name}`;
  return later(spec, ['agent'], {
    ...GO_ENV,
    DATA_SOURCE_URI: database,
    DATA_SOURCE_USER: 'tier0_monitor',
    DATA_SOURCE_PASS_FILE: join(processDir(dataDir, group, name), 'pass'),
  });
}

/** What stands at the edge, outside the regions that it watches. */
export function edgeObservability(options: PlanOptions): ProcessSpec[] {
  const { topology, dataDir, programs, rag } = options;
  const { host, edge } = topology;
  const dir = (name: string): string => processDir(dataDir, 'edge', name);
  const server = (name: string, command: string, port: number, args: string[]): ProcessSpec =>
    later(
      engine('edge', name, command, args, { ports: [port], ready: { kind: 'tcp', port } }),
      ['nginx'],
      GO_ENV,
    );
  const prober = role(options, 'edge', 'prober', edge.prober);
  return [
    {
      ...server('prometheus', programs.prometheus, edge.prometheus, [
        `--config.file=${join(dir('prometheus'), 'prometheus.json')}`,
        `--storage.tsdb.path=${join(dir('prometheus'), 'data')}`,
        `--storage.tsdb.retention.time=${RETENTION.time}`,
        `--storage.tsdb.retention.size=${RETENTION.size}`,
        `--web.listen-address=${host}:${edge.prometheus}`,
        '--log.level=warn',
      ]),
      // The first start makes a database, which takes longer than any other: that nobody leads yet is no alarm.
      firstAfter: {
        probe: { kind: 'http', port: edge.api, path: '/health' },
        unless: join(dir('prometheus'), 'data'),
      },
    },
    server('alertmanager', programs.alertmanager, edge.alertmanager, [
      `--config.file=${join(dir('alertmanager'), 'alertmanager.json')}`,
      `--storage.path=${join(dir('alertmanager'), 'data')}`,
      `--web.listen-address=${host}:${edge.alertmanager}`,
      '--cluster.listen-address=',
      '--log.level=warn',
    ]),
    server('nginx-exporter', programs.nginxExporter, edge.nginxExporter, [
      `-web.listen-address=${host}:${edge.nginxExporter}`,
      `-nginx.scrape-uri=http://${host}:${edge.nginxStatus}/`,
    ]),
    {
      ...later(prober, ['nginx', 'mosquitto'], { TIER0_RAG: String(rag) }),
      ports: [edge.prober, edge.mosquittoMetrics],
    },
  ];
}
