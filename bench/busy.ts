/**
 * False takeovers: nothing is broken, but every core is kept busy by a thread that does nothing else.
 *   node bench/busy.ts [--data-dir DIR] [--port-offset N] [--minutes 60] [--writes 200]
 * Beside the threads it sends writes through the front door; the telemetry is the simulated fleet's
 * (`up --rate 5000 --users 1000`). At the end: what the cluster's history has of that time (a takeover was false, a
 * solo period a needless one), what became of the writes, and how long the slowest took. Exit code 1 when there was
 * a takeover or a loss.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { writeLedger } from '../src/control/drill/store.ts';
import { Writers } from '../src/control/drill/writers.ts';
import type { Database } from '../src/lib/bounded-leader.ts';
import { sleep, wallMs } from '../src/lib/clock.ts';
import { HistoryBody } from '../src/lib/control-schemas.ts';
import { topology } from '../src/lib/topology.ts';
import { wholeNumber } from '../src/supervisor/config.ts';
import { call, controlUrl, requireReady } from './control.ts';
import { benchOptions, instanceProcesses, leaderDatabase } from './instance.ts';
import { UsageMeter } from './process-cpu.ts';
import { count, fixed, table } from './table.ts';

const DRAIN_MS = 20_000;
const HISTORY_LIMIT = 200;

export async function run(args: string[]): Promise<number> {
  const { dataDir, portOffset, given } = benchOptions(args, ['minutes', 'writes']);
  const minutes = wholeNumber('--minutes', given.minutes, 60, 1, 10_000);
  const writesPerS = wholeNumber('--writes', given.writes, 200, 1, 2_000);
  const at = topology(portOffset);
  await requireReady({ dataDir, portOffset }, new AbortController().signal);
  const startedMs = wallMs();
  const meter = new UsageMeter(instanceProcesses(dataDir));
  const writers = new Writers({ host: at.host, port: at.edge.api, writer: `busy-${Math.floor(startedMs)}` });
  const burners = Array.from(
    { length: availableParallelism() },
    () => new Worker('for (;;);', { eval: true }),
  );
  try {
    meter.begin();
    writers.start(writesPerS);
    await sleep(minutes * 60_000);
    meter.end();
  } finally {
    await Promise.all(burners.map((burner) => burner.terminate()));
    await writers.stop(DRAIN_MS);
  }
  const changes = await changesSince(portOffset, startedMs);
  const ledger = await ledgerOf(await leaderDatabase(dataDir, portOffset), writers);
  const takeovers = changes.filter(({ kind }) => kind === 'takeover').length;
  const row = [
    count(minutes),
    count(takeovers),
    count(changes.filter(({ kind }) => kind === 'solo').length),
    count(writers.counts.sent),
    count(writers.counts.failed),
    fixed(writers.counts.worst_ms, 0),
    count(ledger.acknowledged),
    count(ledger.lost),
    count(ledger.duplicated),
    fixed(
      meter.usage.reduce((total, { cpuPercent }) => total + cpuPercent, 0),
      0,
    ),
  ];
  const head = ['minutes', 'takeovers', 'solo', 'writes', 'failed', 'worst ms', 'acked', 'lost', 'doubled'];
  process.stdout.write(`${table([...head, "the instance's % of a core"], [row])}\n`);
  for (const { kind, at: when, reason } of changes) process.stdout.write(`${when}  ${kind}: ${reason}\n`);
  if (writers.failure !== null) process.stdout.write(`first failure: ${writers.failure}\n`);
  return takeovers === 0 && ledger.lost === 0 ? 0 : 1;
}

async function changesSince(portOffset: number, startedMs: number) {
  const url = controlUrl(portOffset, `/history?limit=${HISTORY_LIMIT}`);
  const { operations } = await call(HistoryBody, url, new AbortController().signal);
  return operations.filter((operation) => Date.parse(operation.at) >= startedMs);
}

async function ledgerOf(url: string, { writer, acknowledged }: Writers) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const db: Database = { query: (text, values = []) => client.query(text, [...values]) };
    return await writeLedger(db, writer, new Set(acknowledged.map(({ seq }) => seq)));
  } finally {
    await client.end();
  }
}
