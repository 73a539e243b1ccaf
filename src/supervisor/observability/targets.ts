/** What Prometheus asks, made from the plan that starts the processes, so that none is ever missing. Pure. */
import { DATA_REGIONS, type Group, MEMBERS, type Topology } from '../../lib/topology.ts';
import type { ProcessSpec } from '../process-spec.ts';

export type Target = {
  /** The process' name in the plan. */
  readonly job: string;
  readonly region: Group;
  readonly port: number;
  readonly path: string;
  readonly params?: Readonly<Record<string, string>>;
};

/** Processes that are no target, each with the reason. */
export const NO_TARGET: Readonly<Record<string, string>> = {
  epmd: 'has no metrics; without it the nodes of RabbitMQ do not find each other, which they tell',
  'postgres-exporter': 'is the target named postgres',
  'redis-exporter': 'is the targets named redis and sentinel',
  'nginx-exporter': 'is the target named nginx',
};

type Place = Pick<Target, 'port' | 'path' | 'params'>;

/** Where an engine's metrics are; null: it is not known here, which a test refuses. */
function enginePlace({ name, group, ports }: ProcessSpec, at: Topology): Place | null {
  const member = MEMBERS.find((one) => one === group);
  const scraped = (port: number, exporter: number): Place => ({
    port: exporter,
    path: '/scrape',
    params: { target: `redis://${at.host}:${port}` },
  });
  const [port = 0] = ports;
  switch (name) {
    case 'etcd':
    case 'prometheus':
    case 'alertmanager':
      return { port, path: '/metrics' };
    case 'redis':
    case 'sentinel':
      return member === undefined ? null : scraped(port, at[member].redisExporter);
    case 'rabbitmq':
      return member === undefined ? null : { port: at[member].rabbitmqMetrics, path: '/metrics' };
    case 'mosquitto':
      return { port: at.edge.mosquittoMetrics, path: '/metrics' };
    case 'nginx':
      return { port: at.edge.nginxExporter, path: '/metrics' };
    default:
      return null;
  }
}

/**
 * One target a process, and PostgreSQL's, which are not in the plan: agents start them. Throws for a process that is
 * neither a target nor excepted: a new one must say where its metrics are.
 */
export function targets(specs: readonly ProcessSpec[], at: Topology): Target[] {
  const planned = specs
    .filter(({ name }) => NO_TARGET[name] === undefined)
    .map((spec): Target => {
      const { name: job, group: region, account, ports } = spec;
      const place = account === 'own' ? { port: ports[0] ?? 0, path: '/metrics' } : enginePlace(spec, at);
      if (place === null) throw new Error(`nobody said where the metrics of ${region} ${job} are`);
      return { job, region, ...place };
    });
  const databases = DATA_REGIONS.map(
    (region): Target => ({ job: 'postgres', region, port: at[region].postgresExporter, path: '/metrics' }),
  );
  return [...planned, ...databases];
}
