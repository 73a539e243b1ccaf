/** `tier0 <command>`: the commands a user types, and the two (`group`, `role`) that supervisors start. */
import { enableCompileCache } from 'node:module';
import { describeError, UsageError } from './lib/errors.ts';

enableCompileCache();

const HELP = `tier0: an industrial IoT backend in two regions

  tier0 up [options]            start everything in the foreground; Ctrl-C stops it
      --rate N                  readings a second of the simulated fleet, 1 to 100000 (1000)
      --users N                 simulated users, 0 to 5000 (1000)
      --no-simulators           without the simulated fleet and users
      --no-rabbitmq             without the queue of user events: they go straight to the database
      --no-rag                  without the service that answers questions
      --no-vision               without the service that looks at photos
      --camera-interval S       seconds between two photos of a simulated camera (60); 0: no cameras
      --no-observability        without Prometheus, Alertmanager, exporters and the availability probes
      --alert-webhook URL       Alertmanager tells this address of every alert
      --trust-proxy LIST        addresses or networks, comma separated, of proxies before the front door: their
                                X-Forwarded-For names the client; nobody else's does
  tier0 down [--purge]          stop a running instance; --purge removes its data
  tier0 status                  every process by region: state, pid, port, uptime, restarts;
                                --watch [--interval S] again and again until Ctrl-C
  tier0 logs [process]          follow the logs (--lines N, --no-follow); process as in status, e.g. region1-ingest;
                                --role R, --region R choose; --grep PATTERN, --since 10m|2h|TIME search, rotated logs too
  tier0 doctor                  checks the machine, the programs and the running instance; says what is wrong and how to
                                put it right (--json)
  tier0 support-bundle          logs, configuration without secrets, metrics and records in one file (--out FILE)
  tier0 drill FAULT [region]    break the running system on purpose and report: kill, freeze, kill-postgres,
                                freeze-postgres, kill-agent, kill-etcd-leader, kill-witness, switchover;
                                region is leader (default), standby, region1 or region2
      --repeat N                runs (1)
      --writes N                HTTP writes a second (200)
      --telemetry N             readings a second (1000 with the simulated fleet, else 0)
      --freeze-ms N             how long freeze and freeze-postgres last (5000)
      --hypothesis TEXT         what the report says is expected
      --json                    the report as JSON
  tier0 drill heal              continue whatever is frozen
  tier0 drill list | show ID    kept reports
  tier0 import logs FILE...     access logs of Apache or nginx (combined or common format, gzip too) into the access log;
                                what is there already is not added again
      --rejects FILE            notes every line that could not be read
  tier0 import docs PATH...     PDF, Markdown, text and HTML files, or folders of them, into what questions are answered
                                from; the same file twice is one document
  tier0 import photos PATH...   photos of sites, or folders of them; the same photo twice is one
      --site S, --type T        whose they are, where the names of folders and files do not say it
  tier0 eval rag FILE           how well questions are answered: a set of documents, questions and answers
                                {docs, qs, qr}, by method, as a table
  tier0 eval vision FILE        how right and how fast photos are looked at: {photos: [{file, heads: [{x, y, width, height,
                                hard_hat?, vest?}]}]}, the files beside it
  tier0 dlq list                user events that can never be stored, with the reason (--json)
  tier0 dlq replay | drop ID... sends them again, or forgets them; --all instead of ids
  tier0 grafana                 the dashboard for Grafana, as JSON
  tier0 bench WHAT [options]    measure the running instance: ingest, queue, history, logs, users,
                                rag, observability, dashboard, mqtt-server, rabbitmq, busy;
                                patroni measures Patroni's failover on this machine (--help), with --beside ours too

Options of every command:
      --data-dir DIR            where all state lives (./.tier0)
      --port-offset N           added to every port (0)
`;

async function command(name: string, args: readonly string[]): Promise<number> {
  if (name === 'role') return runRole(args);
  const asked = ['help', '--help', '-h', ''].includes(name);
  if (asked || (args.includes('--help') && name !== 'bench')) {
    process.stdout.write(`${HELP}\n`);
    return name === '' ? 2 : 0;
  }
  const { COMMANDS } = await import('./commands.ts');
  const run = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (run === undefined) throw new UsageError(`unknown command "${name}"; see: npx tier0 --help`);
  return run(args);
}

/** A role runs until it is told to stop or an error that nobody handles ends it; its supervisor restarts it. */
async function runRole(args: readonly string[]): Promise<number> {
  const { ROLES } = await import('./roles.ts');
  const { createLog } = await import('./lib/log.ts');
  const { Lifecycle } = await import('./lib/lifecycle.ts');
  const [name = ''] = args;
  const start = ROLES[name];
  if (start === undefined)
    throw new Error(`unknown role "${name}"; there are: ${Object.keys(ROLES).join(', ')}`);
  const log = createLog(name, process.env.TIER0_REGION ?? '');
  const lifecycle = new Lifecycle(log);
  const crash = (error: unknown): void => {
    log.fatal({ err: error }, `crashed: ${describeError(error)}`);
    process.exit(1);
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  const stopped = new Promise<string>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve(signal));
  });
  const collector = process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? '';
  if (collector !== '') {
    const { startTracing } = await import('./lib/otlp.ts');
    startTracing(collector, { role: name, region: process.env.TIER0_REGION ?? '' }, lifecycle);
  }
  await start(process.env, lifecycle, log);
  log.info('running');
  await lifecycle.close(await stopped);
  return 0;
}

// A reader that has seen enough (`| head`) is no error.
process.stdout.on('error', (error) => process.exit('code' in error && error.code === 'EPIPE' ? 0 : 1));

const [name = '', ...args] = process.argv.slice(2);
try {
  process.exitCode = await command(name, args);
  if (name === 'role') process.exit();
} catch (error) {
  process.stderr.write(`tier0: ${describeError(error)}\n`);
  process.exitCode = 1;
}
