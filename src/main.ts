/** `tier0 <command>`: the commands a user types, and the two (`group`, `role`) that supervisors start. */
import { enableCompileCache } from 'node:module';
import { describeError, UsageError } from './lib/errors.ts';

enableCompileCache();

const HELP = `tier0: an industrial IoT backend in two regions

  tier0 up [options]            start everything in the foreground; Ctrl-C stops it
      --rate N                  readings a second of the simulated fleet, 1 to 100000 (1000)
      --no-simulators           without the simulated fleet
  tier0 down [--purge]          stop a running instance; --purge removes its data
  tier0 status                  every process by region: state, pid, port, uptime, restarts
  tier0 logs [process]          follow the logs (--lines N, --no-follow); process as in status, e.g. region1-ingest
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
  tier0 bench WHAT [options]    measure the running instance: ingest, history, dashboard, mqtt-server;
                                patroni measures Patroni's failover on this machine (--help), with --beside ours too

Options of every command:
      --data-dir DIR            where all state lives (./.tier0)
      --port-offset N           added to every port (0)
`;

type Bench = { readonly run: (args: string[]) => Promise<number> };
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  ingest: () => import('../bench/ingest.ts'),
  history: () => import('../bench/history.ts'),
  dashboard: () => import('../bench/dashboard.ts'),
  'mqtt-server': () => import('../bench/mqtt-server.ts'),
  patroni: () => import('../bench/patroni/run.ts'),
};

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function command(name: string, args: readonly string[]): Promise<number> {
  if (name === 'role') return runRole(args);
  if (args.includes('--help') && name !== 'bench') {
    print(HELP);
    return 0;
  }
  const config = await import('./supervisor/config.ts');
  const common = ['data-dir', 'port-offset'] as const;
  switch (name) {
    case 'up': {
      const { values } = config.parseOptions(args, [...common, 'rate', 'no-simulators']);
      const options = config.upOptions(values);
      return (await import('./supervisor/up.ts')).up(options, print);
    }
    case 'down': {
      const { values } = config.parseOptions(args, [...common, 'purge']);
      const { down } = await import('./supervisor/commands.ts');
      return down(config.instanceOptions(values), values.purge === true, print);
    }
    case 'status': {
      const { values } = config.parseOptions(args, common);
      return (await import('./supervisor/commands.ts')).status(config.instanceOptions(values), print);
    }
    case 'logs': {
      const { values, words } = config.parseOptions(args, [...common, 'lines', 'no-follow'], 1);
      const lines = config.wholeNumber('--lines', values.lines, 20, 0, 1_000_000);
      const { logs } = await import('./supervisor/commands.ts');
      return logs(config.instanceOptions(values), words[0], lines, values['no-follow'] !== true);
    }
    case 'drill':
      return drillCommand(args, config);
    case 'group': {
      const { MEMBERS } = await import('./lib/topology.ts');
      const member = MEMBERS.find((candidate) => candidate === args[0]);
      if (member === undefined) throw new UsageError(`group takes one of: ${MEMBERS.join(', ')}`);
      await (await import('./supervisor/commands.ts')).runGroup(member, config.upOptions({}));
      return 0;
    }
    case 'bench': {
      const [what, ...rest] = args;
      const bench = BENCHES[what ?? ''];
      if (bench === undefined) throw new UsageError(`bench takes one of: ${Object.keys(BENCHES).join(', ')}`);
      return (await bench()).run(rest);
    }
    case 'help':
    case '--help':
    case '-h':
    case '':
      print(HELP);
      return name === '' ? 2 : 0;
    default:
      throw new UsageError(`unknown command "${name}"; see: npx tier0 --help`);
  }
}

async function drillCommand(
  args: readonly string[],
  config: typeof import('./supervisor/config.ts'),
): Promise<number> {
  const names = [
    'data-dir',
    'port-offset',
    'repeat',
    'writes',
    'telemetry',
    'freeze-ms',
    'hypothesis',
    'json',
  ] as const;
  const { values, words } = config.parseOptions(args, names, 2);
  const telemetry = config.wholeNumber('--telemetry', values.telemetry, -1, 0, 20_000);
  const { drill } = await import('./control/command.ts');
  return drill(
    words,
    {
      portOffset: config.instanceOptions(values).portOffset,
      json: values.json === true,
      request: {
        target: 'leader',
        repeat: config.wholeNumber('--repeat', values.repeat, 1, 1, 1_000),
        writes_per_s: config.wholeNumber('--writes', values.writes, 200, 1, 1_000),
        freeze_s: config.wholeNumber('--freeze-ms', values['freeze-ms'], 5_000, 500, 60_000) / 1_000,
        ...(telemetry === -1 ? {} : { telemetry_per_s: telemetry }),
        ...(values.hypothesis === undefined ? {} : { hypothesis: values.hypothesis }),
      },
    },
    print,
  );
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
