/**
 * Patroni from Debian's packages on this machine: how long writes are not acknowledged when a node, or its
 * PostgreSQL, is killed, and in a planned switchover; with --beside, the same of a running Tier-0.
 */
import { chmod, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { giveTo, serviceAccount } from '../../src/lib/account.ts';
import { postgresBinDir } from '../../src/lib/postgres-programs.ts';
import { entropySeed, Random } from '../../src/lib/random.ts';
import { requireReady } from '../control.ts';
import { interruptible } from '../interruptible.ts';
import { drillCases } from './beside.ts';
import { PatroniCluster } from './cluster.ts';
import { type Run, runCase } from './drive.ts';
import { HELP, type Options, parseBenchOptions } from './options.ts';
import { installMissing, missingPackages, patroniVersion } from './packages.ts';
import { claimPorts } from './ports.ts';
import { type Ours, patroniTable, ratioTable, summarise } from './report.ts';
import { TUNINGS, type TuningName } from './settings.ts';

const EXIT_MISSING = 2;

export async function run(args: string[]): Promise<number> {
  const options = parseBenchOptions(args);
  if (options === null) {
    print(HELP);
    return 0;
  }
  const missing = missingPackages();
  if (missing.length > 0 && !options.install) {
    process.stderr.write(
      `tier0: Debian's packages ${missing.join(', ')} are not installed: install them, or add --install\n`,
    );
    return EXIT_MISSING;
  }
  if (missing.length > 0) await installMissing(missing);
  return interruptible((signal) => measure(options, signal));
}

async function measure(options: Options, signal: AbortSignal): Promise<number> {
  const { beside, cases, json } = options;
  if (beside !== null) await requireReady(beside, signal);
  const seed = options.seed ?? entropySeed();
  const version = patroniVersion();
  print(`${version}, two nodes in synchronous mode, three etcd members; 200 writes/s; seed ${seed}`);
  const random = new Random(seed);
  const runs: Run[] = [];
  let ours: readonly Ours[] = [];
  try {
    for (const tuning of options.tunings) await measureTuning(options, tuning, random, signal, runs);
    // One after the other: only an idle Tier-0 ran beside Patroni, and nothing of Patroni is left now.
    if (beside !== null) ours = await drillCases(beside, cases, options.runs, print, signal);
  } finally {
    // What was measured before a failure is worth seeing.
    const summaries = summarise(runs);
    if (runs.length > 0) print(`\n${patroniTable(summaries)}`);
    if (ours.length > 0) print(`\n${ratioTable(summaries, ours)}`);
    if (json !== null) {
      const report = { patroni: version, seed, tunings: TUNINGS, summaries, tier0: ours, runs };
      await writeFile(json, `${JSON.stringify(report, null, 2)}\n`);
    }
  }
  const failed = ours.filter(({ complaint }) => complaint !== null);
  for (const { case: name, complaint } of failed)
    print(`Tier-0's drill of ${name} did not pass: ${complaint}`);
  return failed.length === 0 ? 0 : 1;
}

/** Each tuning has a cluster of its own, made afresh and removed. */
async function measureTuning(
  { cases, runs: repeat }: Options,
  tuning: TuningName,
  random: Random,
  signal: AbortSignal,
  runs: Run[],
): Promise<void> {
  const account = serviceAccount();
  const claim = await claimPorts();
  const dir = await realpath(await mkdtemp(join(tmpdir(), 'tier0-patroni-')));
  await chmod(dir, 0o700);
  giveTo(account, dir);
  const cluster = new PatroniCluster({ dir, binDir: postgresBinDir(), ports: claim.ports, tuning, account });
  try {
    await cluster.start(signal);
    for (const name of cases) {
      for (let number = 1; number <= repeat; number++) {
        const result = await runCase(cluster, name, tuning, runs.length + 1, random, signal);
        runs.push(result);
        print(`${tuning} ${name} ${number}/${repeat}: ${described(result)}`);
      }
    }
  } catch (error) {
    if (!signal.aborted) process.stderr.write(`${cluster.logTails()}\n`);
    throw error;
  } finally {
    await cluster.stop();
    await claim.release();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

function described({ outageMs, pauseMs, leaderBefore, leaderAfter, ledger }: Run): string {
  const seconds = (ms: number): string => (ms / 1_000).toFixed(2);
  return (
    `${seconds(outageMs)} s (pause ${seconds(pauseMs)} s), ${leaderBefore} to ${leaderAfter}, ` +
    `${ledger.acknowledged} acknowledged, ${ledger.lost} lost, ${ledger.duplicated} duplicated, ` +
    `${ledger.recovered} stored without an answer`
  );
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

if (import.meta.main) process.exitCode = await run(process.argv.slice(2));
