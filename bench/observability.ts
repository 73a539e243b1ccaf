/**
 * What watching costs, and whether the ledger agrees with a client.
 *   node bench/observability.ts [--data-dir DIR] [--port-offset N] [--seconds 60] [--failovers 0]
 * Cost: processor time and memory of Prometheus, Alertmanager, the exporters and the prober over the period, and of
 * all processes together, which also has what the others do to be watched: run it once with and once without
 * --no-observability. Agreement: that many switchovers, under a client that reads and writes once a second each; its
 * failed requests beside the ledger's failed reads and writes of the same time.
 */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { GOOD_MS } from '../src/lib/availability.ts';
import { monotonicMs, pause, sleep } from '../src/lib/clock.ts';
import { StatusBody } from '../src/lib/control-schemas.ts';
import { httpCall } from '../src/lib/http-call.ts';
import { peerOf, type Topology, topology } from '../src/lib/topology.ts';
import { wholeNumber } from '../src/supervisor/config.ts';
import { benchOptions, instanceProcesses } from './instance.ts';
import { ProbeClient } from './probe-client.ts';
import { UsageMeter } from './process-cpu.ts';
import { fixed, table } from './table.ts';

const WATCHERS = /-(prometheus|alertmanager|prober|(postgres|redis|nginx)-exporter)$/;
const CALM_MS = 60_000;
/** The ledger is stored every 5 s, a probe takes as long at most. */
const STORED_MS = 15_000;

const Ledger = Type.Object({ failed_by_probe: Type.Record(Type.String(), Type.Integer()) });

const mebibytes = (bytes: number): string => fixed(bytes / 2 ** 20, 0);

async function cost(dataDir: string, seconds: number): Promise<void> {
  const meter = new UsageMeter(instanceProcesses(dataDir));
  meter.begin();
  await sleep(seconds * 1_000);
  meter.end();
  const watchers = meter.usage.filter(({ name }) => WATCHERS.test(name));
  const sum = (list: typeof watchers): string[] => [
    fixed(
      list.reduce((total, { cpuPercent }) => total + cpuPercent, 0),
      1,
    ),
    mebibytes(list.reduce((total, { residentBytes }) => total + residentBytes, 0)),
  ];
  const rows = [
    ...watchers.map(({ name, cpuPercent, residentBytes }) => [
      name,
      fixed(cpuPercent, 1),
      mebibytes(residentBytes),
    ]),
    ['watching, together', ...sum(watchers)],
    ['everything', ...sum([...meter.usage])],
  ];
  process.stdout.write(`${table(['process', '% of a core', 'MiB'], rows)}\n`);
}

/** Who leads, once every commit is in both regions. */
async function calm(at: Topology) {
  const limit = AbortSignal.timeout(CALM_MS);
  do {
    const { body } = await httpCall({
      host: at.host,
      port: at.edge.control,
      path: '/status',
      limitMs: GOOD_MS,
    });
    const { record } = Value.Parse(StatusBody, JSON.parse(body));
    if (record?.mode === 'strict' && record.phase === 'serving') return record.leader;
  } while (await pause(200, limit));
  throw new Error('the cluster did not become strict');
}

async function ledgerFailures({ host, edge }: Topology): Promise<number> {
  const { body } = await httpCall({ host, port: edge.api, path: '/api/availability', limitMs: GOOD_MS });
  const { failed_by_probe } = Value.Parse(Ledger, JSON.parse(body));
  return (failed_by_probe.read ?? 0) + (failed_by_probe.write ?? 0);
}

async function agreement(at: Topology, failovers: number): Promise<void> {
  await calm(at);
  await sleep(STORED_MS);
  const before = await ledgerFailures(at);
  const client = new ProbeClient({ host: at.host, port: at.edge.api });
  client.start();
  const startedMs = monotonicMs();
  for (let done = 0; done < failovers; done++) {
    const path = `/failover/${peerOf(await calm(at))}`;
    const { status, body } = await httpCall({
      host: at.host,
      port: at.edge.control,
      path,
      method: 'POST',
      limitMs: CALM_MS,
    });
    if (status !== 200) throw new Error(`failover ${done + 1} was refused: ${body}`);
    await sleep(3_000);
  }
  await calm(at);
  await client.stop();
  const seconds = (monotonicMs() - startedMs) / 1_000;
  await sleep(STORED_MS);
  const failed = (await ledgerFailures(at)) - before;
  process.stdout.write(
    `${failovers} failovers in ${fixed(seconds, 0)} s: client ${client.sent} sent, ${client.failed} failed; ledger ${failed} failed\n`,
  );
}

export async function run(args: string[]): Promise<number> {
  const { dataDir, portOffset, given } = benchOptions(args, ['seconds', 'failovers']);
  const seconds = wholeNumber('--seconds', given.seconds, 60, 1, 3_600);
  const failovers = wholeNumber('--failovers', given.failovers, 0, 0, 1_000);
  await cost(dataDir, seconds);
  if (failovers > 0) await agreement(topology(portOffset), failovers);
  return 0;
}
