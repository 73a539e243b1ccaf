/**
 * `tier0 bench ingest`: drives the ingest of a running instance, prints what it reached and what that cost,
 * and compares every acknowledged reading with what is stored. Also: node bench/ingest.ts [options]
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { wallMs } from '../src/lib/clock.ts';
import { entropySeed } from '../src/lib/random.ts';
import { topology } from '../src/lib/topology.ts';
import { type BaselineResult, runBaseline } from './baseline.ts';
import { HELP, type IngestOptions, ingestOptions } from './ingest-options.ts';
import { type IngestRun, reportBaseline, reportRun, reportRuns } from './ingest-report.ts';
import { instanceProcesses, leaderDatabase } from './instance.ts';
import { compareLedger } from './ledger.ts';
import { type LoadSpec, runLoad } from './load.ts';
import { UsageMeter } from './process-cpu.ts';

/** The broker at the edge acknowledges before it forwards, so its readings may arrive this much later. */
const EDGE_SETTLE_MS = 60_000;

type Way = 'direct' | 'edge';

/** Exit code 0 when nothing acknowledged was lost or doubled, 1 otherwise. Throws when it cannot measure. */
export async function run(args: string[]): Promise<number> {
  const options = ingestOptions(args, process.env);
  if (options === undefined) {
    process.stdout.write(HELP);
    return 0;
  }
  const print = (text: string): void => void process.stdout.write(`${text}\n\n`);
  const runs: IngestRun[] = [];
  for (const way of options.via) {
    const measured = await measure(options, way);
    runs.push(measured);
    print(reportRun(measured));
  }
  const baseline = options.baseline ? await measureBaseline(options) : undefined;
  if (baseline !== undefined) print(reportBaseline(baseline));
  print(reportRuns(runs, baseline));
  if (options.json !== undefined) {
    const report = { at: new Date(wallMs()).toISOString(), machine: machine(), options, runs, baseline };
    await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  }
  return runs.every(({ ledger }) => ledger.lost === 0 && ledger.duplicated === 0) ? 0 : 1;
}

async function measure(options: IngestOptions, way: Way): Promise<IngestRun> {
  const ports = topology(options.portOffset);
  const targets =
    way === 'edge'
      ? [{ host: ports.host, port: ports.edge.mqtt }]
      : options.regions.map((region) => ({ host: ports.host, port: ports[region].ingestMqtt }));
  const meter = new UsageMeter(instanceProcesses(options.dataDir));
  const dir = await mkdtemp(join(tmpdir(), 'tier0-bench-'));
  try {
    const rate = way === 'edge' && options.rate === 0 ? options.edgeRate : options.rate;
    const measured = { beginMs: 0, endMs: 0 };
    const load = await runLoad(
      { ...loadSpec(options), targets, rate, ledgerPrefix: join(dir, 'acknowledged') },
      {
        begin: () => {
          measured.beginMs = wallMs();
          meter.begin();
        },
        end: () => {
          measured.endMs = wallMs();
          meter.end();
        },
      },
    );
    const database = await leaderDatabase(options.dataDir, options.portOffset);
    const settleMs = way === 'edge' ? EDGE_SETTLE_MS : 0;
    const ledger = await compareLedger(database, load.ledgerFiles, measured, settleMs);
    return {
      way,
      rate,
      connections: options.connections * targets.length,
      load,
      usage: meter.usage,
      ledger,
      storedPerSecond: (ledger.arrivedWhileMeasured / (measured.endMs - measured.beginMs)) * 1000,
    };
  } finally {
    await rm(dir, { recursive: true });
  }
}

async function measureBaseline(options: IngestOptions): Promise<BaselineResult> {
  const database = await leaderDatabase(options.dataDir, options.portOffset);
  const databases = instanceProcesses(options.dataDir).filter(({ name }) => name.endsWith('-postgres'));
  return runBaseline(database, { ...loadSpec(options), rate: options.baselineRate }, databases);
}

function loadSpec(options: IngestOptions): Omit<LoadSpec, 'targets'> {
  const { connections, generators, rate, window, warmupSeconds, seconds } = options;
  return {
    connections,
    generators,
    rate,
    window,
    warmupSeconds,
    seconds,
    runId: entropySeed().toString(36),
    ledgerPrefix: undefined,
  };
}

function machine(): object {
  const all = cpus();
  return { cpus: all.length, model: all[0]?.model ?? '', memoryBytes: totalmem(), node: process.version };
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
