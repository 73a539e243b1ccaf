/** What a user types after `tier0`, from its arguments to its exit code. */
import { UsageError } from './lib/errors.ts';
import * as config from './supervisor/config.ts';

type Command = (args: readonly string[]) => Promise<number>;

const COMMON = ['data-dir', 'port-offset'] as const;

type Bench = { readonly run: (args: string[]) => Promise<number> };
const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  ingest: () => import('../bench/ingest.ts'),
  queue: () => import('../bench/queue.ts'),
  rabbitmq: () => import('../bench/rabbitmq.ts'),
  rag: () => import('../bench/rag.ts'),
  history: () => import('../bench/history.ts'),
  logs: () => import('../bench/logs.ts'),
  users: () => import('../bench/users.ts'),
  observability: () => import('../bench/observability.ts'),
  dashboard: () => import('../bench/dashboard.ts'),
  'mqtt-server': () => import('../bench/mqtt-server.ts'),
  busy: () => import('../bench/busy.ts'),
  patroni: () => import('../bench/patroni/run.ts'),
};

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

async function upCommand(args: readonly string[]): Promise<number> {
  const { values } = config.parseOptions(args, [
    ...COMMON,
    'rate',
    'users',
    'no-simulators',
    'no-rabbitmq',
    'no-rag',
    'no-vision',
    'camera-interval',
    'no-observability',
    'alert-webhook',
    'trust-proxy',
  ]);
  const options = config.upOptions(values);
  return (await import('./supervisor/up.ts')).up(options, print);
}

async function downCommand(args: readonly string[]): Promise<number> {
  const { values } = config.parseOptions(args, [...COMMON, 'purge']);
  const { down } = await import('./supervisor/commands.ts');
  return down(config.instanceOptions(values), values.purge === true, print);
}

async function doctorCommand(args: readonly string[]): Promise<number> {
  const { values } = config.parseOptions(args, [...COMMON, 'json']);
  const { doctor } = await import('./supervisor/doctor/command.ts');
  return doctor(config.instanceOptions(values), values.json === true, print);
}

async function supportBundleCommand(args: readonly string[]): Promise<number> {
  const { values } = config.parseOptions(args, [...COMMON, 'out']);
  const { supportBundle } = await import('./supervisor/support-bundle.ts');
  return supportBundle(config.instanceOptions(values), values.out, print);
}

/** For deploy/grafana: the same panels as the page has. */
async function grafanaCommand(args: readonly string[]): Promise<number> {
  config.parseOptions(args, []);
  const { dashboardText } = await import('./supervisor/observability/grafana.ts');
  process.stdout.write(dashboardText());
  return 0;
}

async function groupCommand(args: readonly string[]): Promise<number> {
  const { MEMBERS } = await import('./lib/topology.ts');
  const member = MEMBERS.find((candidate) => candidate === args[0]);
  if (member === undefined) throw new UsageError(`group takes one of: ${MEMBERS.join(', ')}`);
  await (await import('./supervisor/commands.ts')).runGroup(member, config.upOptions({}));
  return 0;
}

async function benchCommand(args: readonly string[]): Promise<number> {
  const [what, ...rest] = args;
  const bench = BENCHES[what ?? ''];
  if (bench === undefined) throw new UsageError(`bench takes one of: ${Object.keys(BENCHES).join(', ')}`);
  return (await bench()).run(rest);
}

async function statusCommand(args: readonly string[]): Promise<number> {
  const { values } = config.parseOptions(args, [...COMMON, 'watch', 'interval']);
  const options = config.instanceOptions(values);
  const intervalS = config.wholeNumber('--interval', values.interval, 2, 1, 3_600);
  const { status, watchStatus } = await import('./supervisor/commands.ts');
  if (values.watch === true) return watchStatus(options, intervalS, process.stdout);
  if (values.interval !== undefined) throw new UsageError('--interval needs --watch');
  return status(options, print);
}

async function logsCommand(args: readonly string[]): Promise<number> {
  const allowed = ['lines', 'no-follow', 'grep', 'since', 'role', 'region'] as const;
  const { values, words } = config.parseOptions(args, [...COMMON, ...allowed], 1);
  const { grep, since, role, region } = values;
  const { logFilter } = await import('./supervisor/log-search.ts');
  const filter = logFilter(grep, since);
  const lines = config.wholeNumber('--lines', values.lines, filter === null ? 20 : 1_000, 0, 1_000_000);
  const { logs } = await import('./supervisor/commands.ts');
  const choice = { process: words[0], role, region };
  const follow = values['no-follow'] !== true;
  return logs(config.instanceOptions(values), { choice, filter, lines, follow }, print);
}

async function drillCommand(args: readonly string[]): Promise<number> {
  const names = [...COMMON, 'repeat', 'writes', 'telemetry', 'freeze-ms', 'hypothesis', 'json'] as const;
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

async function evalCommand(args: readonly string[]): Promise<number> {
  const { words } = config.parseOptions(args, [], 2);
  const [what, file] = words;
  if (file === undefined || (what !== 'rag' && what !== 'vision')) {
    throw new UsageError('eval takes: rag FILE or vision FILE');
  }
  if (what === 'vision') return (await import('./vision/eval/command.ts')).evalVision(file, print);
  return (await import('./rag/eval/command.ts')).evalRag(file, print);
}

async function dlqCommand(args: readonly string[]): Promise<number> {
  const { values, words } = config.parseOptions(args, [...COMMON, 'json', 'all'], 1_000);
  const options = {
    ...config.instanceOptions(values),
    words,
    json: values.json === true,
    all: values.all === true,
  };
  return (await import('./dlq/command.ts')).dlq(options, print);
}

async function importCommand(args: readonly string[]): Promise<number> {
  const allowed = [...COMMON, 'rejects', 'site', 'type'] as const;
  const { values, words } = config.parseOptions(args, allowed, 1_000);
  const [what, ...files] = words;
  const own: readonly string[] = what === 'photos' ? ['site', 'type'] : what === 'logs' ? ['rejects'] : [];
  const foreign = (['rejects', 'site', 'type'] as const).find(
    (name) => values[name] !== undefined && !own.includes(name),
  );
  if (foreign !== undefined) throw new UsageError(`--${foreign} is not an option of import ${what ?? ''}`);
  if (what === 'photos') {
    const { importPhotos } = await import('./import/import-photos.ts');
    const place = { siteId: values.site ?? null, deviceType: values.type ?? null };
    return importPhotos({ ...config.instanceOptions(values), ...place, paths: files }, print);
  }
  if (what === 'docs') {
    const { importDocs } = await import('./import/import-docs.ts');
    return importDocs({ ...config.instanceOptions(values), paths: files }, print);
  }
  if (what !== 'logs')
    throw new UsageError(`import takes: logs FILE..., docs PATH... or photos PATH...; not "${what ?? ''}"`);
  const { importLogs } = await import('./import/command.ts');
  return importLogs({ ...config.instanceOptions(values), files, rejects: values.rejects ?? null }, print);
}

/** Commands by name; each gives the exit code. Loaded only when asked for: a role must not wait for them. */
export const COMMANDS: Readonly<Record<string, Command>> = {
  up: upCommand,
  down: downCommand,
  status: statusCommand,
  logs: logsCommand,
  doctor: doctorCommand,
  'support-bundle': supportBundleCommand,
  drill: drillCommand,
  import: importCommand,
  eval: evalCommand,
  dlq: dlqCommand,
  grafana: grafanaCommand,
  group: groupCommand,
  bench: benchCommand,
};
