/**
 * The simulated users: they use the running system through the front door as people do, while their sites' servers
 * report through the queue who is on.
 */
import { every, wallMs } from '../../lib/clock.ts';
import { EventPublisher } from '../../lib/event-publisher.ts';
import { SITES } from '../../lib/fleet.ts';
import type { Lifecycle } from '../../lib/lifecycle.ts';
import type { Log } from '../../lib/log.ts';
import { createRegistry, serveMetrics } from '../../lib/metrics.ts';
import { connectRabbitmq } from '../../lib/rabbitmq.ts';
import { readSecrets } from '../../lib/secrets.ts';
import { topology } from '../../lib/topology.ts';
import type { UsersConfig } from './config.ts';
import { FrontDoorClient } from './front-door-client.ts';
import { UserLedger } from './ledger.ts';
import { registerMetrics, type View, viewOf } from './metrics.ts';
import { ReportPublisher } from './report-publisher.ts';
import { Simulation, TICK_MS } from './simulation.ts';

/** Every site reports once in this time, one after the other. */
const REPORT_MS = 5_000;
/** A report that is not confirmed by then is sent again. */
const CONFIRM_MS = 5_000;
const SUMMARY_MS = 60_000;

/** Starts the users and the metrics port. The front door and the queue may come later. */
export async function run(config: UsersConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const { host, edge, simulator } = topology(config.portOffset);
  const ledger = config.ledgerFile === undefined ? undefined : await UserLedger.open(config.ledgerFile);
  if (ledger !== undefined) lifecycle.onClose('ledger', () => ledger.close());
  const client = new FrontDoorClient({
    host,
    port: edge.api,
    dashboard: `http://localhost:${edge.dashboard}`,
  });
  lifecycle.onClose('front door', () => client.close());
  const publisher = config.rabbitmq ? startReports(config, ledger, lifecycle, log) : null;
  const registry = createRegistry('users', 'simulators');
  const view = (): View => viewOf(simulation, publisher?.queue ?? null);
  const onTook = registerMetrics(registry, view);
  const simulation = new Simulation({
    users: config.users,
    seed: config.seed,
    secret: readSecrets(config.dataDir).users,
    client,
    onAcknowledged: (event, atMs) => ledger?.append({ ...event, at: new Date(atMs).toISOString() }),
    onTook,
  });
  every(TICK_MS, lifecycle.signal, () => {
    const stalledMs = simulation.tick();
    if (stalledMs > 0) log.warn({ stalledMs }, 'the simulator itself stood still');
  });
  let reporting = 0;
  every(REPORT_MS / SITES.length, lifecycle.signal, () => {
    publisher?.offer(simulation.report(reporting++));
    publisher?.pump();
  });
  every(SUMMARY_MS, lifecycle.signal, () => log.info(view(), 'users'));
  await serveMetrics(lifecycle, registry, host, simulator.users, () => ({ ok: true, body: view() }));
  const { users, seed, rabbitmq } = config;
  log.info({ users, seed, rabbitmq }, 'users are being simulated');
}

function startReports(
  config: UsersConfig,
  ledger: UserLedger | undefined,
  lifecycle: Lifecycle,
  log: Log,
): ReportPublisher {
  const connection = connectRabbitmq({
    topology: topology(config.portOffset),
    nearest: 'region1',
    password: readSecrets(config.dataDir).rabbitmq.password,
    name: 'site servers',
    log,
  });
  lifecycle.onClose('rabbitmq', () => connection.unsafeDestroy());
  const events = new EventPublisher(connection);
  return new ReportPublisher(
    (report) => events.publish(report, CONFIRM_MS),
    (message_id) => ledger?.append({ kind: 'report', message_id, at: new Date(wallMs()).toISOString() }),
    log,
  );
}
