/**
 * How many QoS 1 messages a second one MQTT server process acknowledges when nothing stands behind it:
 *   node bench/mqtt-server.ts [--seconds 8] [--connections 10] [--window 500] [--target host:port[:pid]] [--json FILE]
 * Measures the aedes library, the server of src/ingest, a server that only counts frames (which shows what the
 * generator can do), and the server at --target.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { within } from '../src/lib/clock.ts';
import { entropySeed } from '../src/lib/random.ts';
import { wholeNumber } from '../src/supervisor/config.ts';
import { runLoad } from './load.ts';
import { UsageMeter } from './process-cpu.ts';
import { count, fixed, megabytes, table } from './table.ts';

const SERVER = fileURLToPath(new URL('acking-server.ts', import.meta.url));
const Listening = Type.Object({ port: Type.Integer() });

type Target = {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly pid: number | undefined;
};
type Row = {
  readonly server: string;
  readonly perSecond: number;
  readonly perServerCpuSecond: number;
  readonly perGeneratorCpuSecond: number;
  readonly serverCpuPercent: number;
  readonly residentBytes: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly messageBytes: number;
};

export async function run(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      seconds: { type: 'string' },
      connections: { type: 'string' },
      window: { type: 'string' },
      target: { type: 'string' },
      json: { type: 'string' },
    },
  });
  const seconds = wholeNumber('--seconds', values.seconds, 8, 1, 3_600);
  const connections = wholeNumber('--connections', values.connections, 10, 2, 1_024);
  const window = wholeNumber('--window', values.window, 500, 1, 65_535);
  const measure = (target: Target): Promise<Row> => measureTarget(target, seconds, connections, window);
  const rows: Row[] = [];
  for (const kind of ['aedes', 'ingest', 'counting']) rows.push(await withServer(kind, measure));
  if (values.target !== undefined) {
    const [host, port, pid] = values.target.split(':');
    if (host === undefined || port === undefined)
      throw new Error('--target takes host:port or host:port:pid');
    rows.push(
      await measure({
        name: values.target,
        host,
        port: Number(port),
        pid: pid === undefined ? undefined : Number(pid),
      }),
    );
  }
  console.log(report(rows));
  if (values.json !== undefined) await writeFile(values.json, `${JSON.stringify(rows, null, 2)}\n`);
  return 0;
}

async function withServer(kind: string, measure: (target: Target) => Promise<Row>): Promise<Row> {
  const server = fork(SERVER, [kind], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  try {
    const port = await within(10_000, `${kind} server did not start`, listeningPort(server));
    return await measure({ name: kind, host: '127.0.0.1', port, pid: server.pid });
  } finally {
    server.kill('SIGKILL');
  }
}

function listeningPort(server: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('message', (message: unknown) => resolve(Value.Parse(Listening, message).port));
    server.once('exit', (code) => reject(new Error(`server exited with code ${code}`)));
  });
}

async function measureTarget(
  target: Target,
  seconds: number,
  connections: number,
  window: number,
): Promise<Row> {
  const meter = new UsageMeter(target.pid === undefined ? [] : [{ name: target.name, pid: target.pid }]);
  const load = await runLoad(
    {
      targets: [{ host: target.host, port: target.port }],
      connections,
      generators: 1,
      rate: 0,
      window,
      warmupSeconds: 2,
      seconds,
      runId: entropySeed().toString(36),
      ledgerPrefix: undefined,
    },
    { begin: () => meter.begin(), end: () => meter.end() },
  );
  const usage = meter.usage[0];
  return {
    server: target.name,
    perSecond: load.perSecond,
    perServerCpuSecond: load.measured / (usage?.cpuSeconds ?? Number.NaN),
    perGeneratorCpuSecond: load.measured / load.generatorCpuSeconds,
    serverCpuPercent: usage?.cpuPercent ?? Number.NaN,
    residentBytes: usage?.residentBytes ?? Number.NaN,
    p50Ms: load.latency.p50Ms,
    p99Ms: load.latency.p99Ms,
    messageBytes: load.messageBytes,
  };
}

function report(rows: readonly Row[]): string {
  const head = [
    'server',
    'msg/s',
    'msg/server core s',
    'msg/generator core s',
    'CPU %',
    'MB',
    'p50 ms',
    'p99 ms',
  ];
  const bytes = fixed(rows[0]?.messageBytes ?? Number.NaN, 0);
  return `QoS 1 PUBLISH -> PUBACK, ${bytes} bytes a message\n${table(
    head,
    rows.map((row) => [
      row.server,
      count(row.perSecond),
      count(row.perServerCpuSecond),
      count(row.perGeneratorCpuSecond),
      fixed(row.serverCpuPercent, 0),
      megabytes(row.residentBytes),
      fixed(row.p50Ms, 2),
      fixed(row.p99Ms, 2),
    ]),
  )}`;
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
