/** Runs generator processes against MQTT servers: connect, warm up, measure, drain. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Value } from 'typebox/value';
import { sleep, within } from '../src/lib/clock.ts';
import { Histogram, type Quantiles } from '../src/lib/histogram.ts';
import {
  FromGenerator,
  type GeneratorResult,
  type GeneratorSpec,
  type ToGenerator,
} from './generator-messages.ts';

const GENERATOR = fileURLToPath(new URL('generator.ts', import.meta.url));
/** Covers connecting and draining, both of which have shorter deadlines of their own. */
const ANSWER_DEADLINE_MS = 60_000;

export type LoadSpec = {
  readonly targets: readonly { readonly host: string; readonly port: number }[];
  /** Connections to every target. */
  readonly connections: number;
  readonly generators: number;
  readonly rate: number;
  readonly window: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
  readonly runId: string;
  /** One file per generator is written beside this name; undefined: none. */
  readonly ledgerPrefix: string | undefined;
};

export type LoadResult = {
  readonly perSecond: number;
  readonly latency: Quantiles;
  readonly sent: number;
  readonly acknowledged: number;
  readonly seconds: number;
  readonly bySecond: readonly number[];
  readonly messageBytes: number;
  readonly generatorCpuSeconds: number;
  readonly measured: number;
  readonly ledgerFiles: readonly string[];
};

/** Called at the borders of the measured interval, to read the CPU clocks of the system under load. */
export type Observer = {
  readonly begin: () => Promise<void> | void;
  readonly end: () => Promise<void> | void;
};

type Generator = { readonly process: ChildProcess; readonly ledgerFile: string };

/** Throws when a generator cannot connect, loses its connection or does not answer in time. */
export async function runLoad(spec: LoadSpec, observer: Observer): Promise<LoadResult> {
  const generators = Array.from({ length: spec.generators }, (_, index) => startGenerator(spec, index));
  try {
    const all = generators.map(({ process }) => process);
    const prepared = generators.map((generator, index) =>
      ask(
        generator.process,
        { kind: 'prepare', spec: generatorSpec(spec, index, generator.ledgerFile) },
        'ready',
      ),
    );
    const [ready] = await Promise.all(prepared);
    await Promise.all(all.map((child) => ask(child, { kind: 'go' }, 'started')));
    await sleep(spec.warmupSeconds * 1000);
    await Promise.all(all.map((child) => ask(child, { kind: 'measure' }, 'measuring')));
    await observer.begin();
    await watched(all, spec.seconds * 1000);
    await observer.end();
    const done = await Promise.all(all.map((child) => ask(child, { kind: 'stop' }, 'done')));
    const results = done.flatMap((message) => (message.kind === 'done' ? [message.result] : []));
    const messageBytes = ready?.kind === 'ready' ? ready.messageBytes : Number.NaN;
    return summary(
      results,
      messageBytes,
      generators.map(({ ledgerFile }) => ledgerFile).filter((file) => file !== ''),
    );
  } finally {
    for (const { process } of generators) process.kill('SIGKILL');
  }
}

function startGenerator(spec: LoadSpec, index: number): Generator {
  const ledgerFile = spec.ledgerPrefix === undefined ? '' : `${spec.ledgerPrefix}-${index}.ledger`;
  return { process: fork(GENERATOR, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }), ledgerFile };
}

function generatorSpec(spec: LoadSpec, index: number, ledgerFile: string): GeneratorSpec {
  const all = spec.connections * spec.targets.length;
  const first = Math.floor((all * index) / spec.generators);
  const connections = Math.floor((all * (index + 1)) / spec.generators) - first;
  return {
    targets: [...spec.targets],
    firstConnection: first,
    connections,
    allConnections: all,
    rate: (spec.rate * connections) / all,
    window: spec.window,
    runId: spec.runId,
    ledgerFile,
  };
}

/** Sends a message and waits for the answer of one kind. */
async function ask(
  child: ChildProcess,
  message: ToGenerator,
  kind: FromGenerator['kind'],
): Promise<FromGenerator> {
  const answer = nextMessage(child);
  child.send(message);
  const got = await within(ANSWER_DEADLINE_MS, `generator did not answer ${message.kind}`, answer);
  if (got.kind === 'failed') throw new Error(`load generator: ${got.message}`);
  if (got.kind !== kind) throw new Error(`generator answered ${got.kind} to ${message.kind}`);
  return got;
}

function nextMessage(child: ChildProcess): Promise<FromGenerator> {
  return new Promise((resolve, reject) => {
    const onMessage = (message: unknown): void => {
      child.off('exit', onExit);
      resolve(Value.Parse(FromGenerator, message));
    };
    const onExit = (code: number | null): void => {
      child.off('message', onMessage);
      reject(new Error(`load generator exited with code ${code}`));
    };
    child.once('message', onMessage);
    child.once('exit', onExit);
  });
}

/** Waits, but gives up as soon as a generator reports a failure. */
async function watched(children: readonly ChildProcess[], ms: number): Promise<void> {
  const waiting = new AbortController();
  const failed = (message: unknown): void =>
    waiting.abort(new Error(`load generator: ${JSON.stringify(message)}`));
  for (const child of children) child.once('message', failed);
  try {
    await sleep(ms, waiting.signal);
  } catch (error) {
    throw waiting.signal.aborted ? waiting.signal.reason : error;
  } finally {
    for (const child of children) child.off('message', failed);
  }
}

function summary(
  results: readonly GeneratorResult[],
  messageBytes: number,
  ledgerFiles: readonly string[],
): LoadResult {
  const histogram = new Histogram();
  const bySecond: number[] = [];
  for (const result of results) {
    histogram.add(result.buckets, result.maxUs);
    result.perSecond.forEach((count, second) => {
      bySecond[second] = (bySecond[second] ?? 0) + count;
    });
  }
  const sum = (of: (result: GeneratorResult) => number): number =>
    results.reduce((total, result) => total + of(result), 0);
  const seconds = sum((result) => result.seconds) / results.length;
  return {
    perSecond: histogram.count / seconds,
    latency: histogram.quantiles(),
    sent: sum((result) => result.sent),
    acknowledged: sum((result) => result.acknowledged),
    seconds,
    bySecond,
    messageBytes,
    generatorCpuSeconds: sum((result) => result.cpuSeconds),
    measured: histogram.count,
    ledgerFiles,
  };
}
