/** What stands outside the regions and has to know who leads: the front door's routes, and drills. */
import { ClusterWatch, WRITER_POLL_MS } from '../lib/cluster.ts';
import { LeaderPool } from '../lib/leader-pool.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { createRegistry, gaugeOf } from '../lib/metrics.ts';
import { connectRabbitmq } from '../lib/rabbitmq.ts';
import { readSecrets } from '../lib/secrets.ts';
import { topology } from '../lib/topology.ts';
import type { ControlConfig } from './config.ts';
import { Drills } from './drill/drills.ts';
import { continueFrozen } from './drill/faults.ts';
import { serveControl } from './http.ts';
import { makeQueues } from './queues.ts';
import { Routes } from './routes.ts';

export async function run(config: ControlConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const at = topology(config.portOffset);
  const { dataDir } = config;
  // The witness's etcd first: a drill on a region must not cost this role its view.
  const watch = new ClusterWatch({ topology: at, self: 'witness', pollMs: WRITER_POLL_MS, log });
  watch.start();
  lifecycle.onClose('watch', () => watch.close());
  const pool = new LeaderPool({
    topology: at,
    watch,
    user: 'tier0_control',
    password: readSecrets(dataDir).postgres.control,
    log,
    maxConnections: 2,
    applicationName: 'control',
  });
  lifecycle.onClose('pool', () => pool.close());
  const routes = new Routes({ topology: at, watch, dataDir, log });
  lifecycle.onClose('routes', routes.start());
  const { signal } = lifecycle;
  const drills = new Drills(
    { dataDir, topology: at, watch, pool, routes, log, signal },
    config.simulatedFleet,
  );
  lifecycle.onClose('drills', () => drills.ended());
  if (config.rabbitmq) openQueues(config, lifecycle, log);
  const registry = createRegistry('control', 'edge');
  gaugeOf(
    registry,
    'tier0_route_epoch',
    'Epoch under which the front door was pointed at a region',
    () => routes.current?.epoch ?? 0,
  );
  const heal = (): string[] => continueFrozen(dataDir);
  await serveControl(lifecycle, {
    host: at.host,
    port: at.edge.controlRole,
    routes,
    drills,
    heal,
    registry,
    log,
  });
}

/** The connection is only needed until the queues are there. */
function openQueues(config: ControlConfig, lifecycle: Lifecycle, log: Log): void {
  const { dataDir, rabbitmqctl } = config;
  const at = topology(config.portOffset);
  const connection = connectRabbitmq({
    topology: at,
    nearest: 'region1',
    password: readSecrets(dataDir).rabbitmq.password,
    name: 'control',
    log,
  });
  const { signal } = lifecycle;
  const made = makeQueues({ connection, topology: at, dataDir, rabbitmqctl, signal, log }).finally(() =>
    connection.unsafeDestroy(),
  );
  lifecycle.onClose('queues', () => made);
}
