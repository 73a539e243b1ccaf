/** Runs one test file in a process group of its own, within a bound, and leaves nothing of it behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { after, monotonicMs, pause, sleep } from '../src/lib/clock.ts';
import type { FileEvent, Outcome } from './events.ts';

export type Result = {
  /** File and name of the test, or of the file alone when it failed as a whole. */
  readonly title: string;
  readonly outcome: Outcome;
  readonly durationMs: number;
  readonly detail: string;
};

export type FileOptions = {
  readonly root: string;
  readonly file: string;
  /** Seconds after which the file counts as hanging. */
  readonly limitS: number;
  readonly signal: AbortSignal;
  readonly onResult: (result: Result) => void;
};

const REPORTER = fileURLToPath(new URL('./events.ts', import.meta.url));
const KEPT_OUTPUT_CHARS = 64 * 1024;
/** What a test file gets to stop the systems it started before it is killed. */
const STOPPING_LIMIT_MS = 30_000;
const LEFTOVER_GRACE_MS = 1_000;

/** The environment of a test: ours without what configures a system of the user's own. */
function testEnvironment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !name.startsWith('TIER0_') && name !== 'NODE_TEST_CONTEXT',
  );
  return Object.fromEntries(kept);
}

/** A group that is gone already needs no signal. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** State and process group of a process, or null when it ended meanwhile (man 5 proc, /proc/pid/stat). */
function readStat(pid: string): { readonly state: string; readonly group: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name in parentheses may hold anything; what follows it are plain fields.
    const [state = '', , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state, group: Number(group) };
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ESRCH'))
      return null;
    throw error;
  }
}

/** True while somebody of the group still runs; one that has ended and waits to be collected does not. */
function groupRuns(group: number): boolean {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(readStat).some((stat) => stat !== null && stat.group === group && stat.state !== 'Z');
}

/** Ends a test file that has to go: asks first, so that it can stop what it started. */
async function endGroup(pid: number, exited: Promise<unknown>): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  await Promise.race([exited, sleep(STOPPING_LIMIT_MS)]);
  signalGroup(pid, 'SIGKILL');
}

/** Kills whoever is left of the group after a moment's grace, and tells whether there was anybody. */
async function hasLeftovers(pid: number): Promise<boolean> {
  const deadlineMs = monotonicMs() + LEFTOVER_GRACE_MS;
  while (groupRuns(pid)) {
    if (monotonicMs() > deadlineMs) {
      signalGroup(pid, 'SIGKILL');
      return true;
    }
    await sleep(50);
  }
  return false;
}

function keepOutput(child: ChildProcess): () => string {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      output = (output + chunk).slice(-KEPT_OUTPUT_CHARS);
    });
  }
  return () => output.trimEnd();
}

function startFile(options: FileOptions): ChildProcess {
  const args = ['--enable-source-maps', `--test-reporter=${REPORTER}`, options.file];
  return spawn(process.execPath, args, {
    cwd: options.root,
    env: testEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
}

type Progress = { tests: number; failures: number; ended: boolean; running: string };

function follow(child: ChildProcess, options: FileOptions, progress: Progress): Promise<unknown> {
  const results = child.stdio[3];
  if (!(results instanceof Readable)) throw new Error('the results pipe of a test file is not readable');
  const lines = createInterface({ input: results });
  lines.on('line', (line) => {
    const event: FileEvent = JSON.parse(line);
    if (event.kind === 'start') progress.running = event.name;
    else if (event.kind === 'end') progress.ended = true;
    else {
      progress.tests += 1;
      if (event.kind === 'fail') progress.failures += 1;
      const { kind: outcome, name, durationMs, detail } = event;
      options.onResult({ title: `${options.file} › ${name}`, outcome, durationMs, detail });
    }
  });
  return once(lines, 'close');
}

/** Why the file failed as a whole, or null. */
function fileFailure(progress: Progress, end: string, status: number | string): string | null {
  const where = progress.running === '' ? 'no test had started' : `last test started: ${progress.running}`;
  if (end !== '') return `${end}; ${where}`;
  if (progress.tests === 0 && status === 0 && progress.running === '') return 'holds no test';
  if (!progress.ended) return `ended (${status}) before its tests had; ${where}`;
  if (status !== 0 && progress.failures === 0) return `ended with ${status} although no test failed`;
  return null;
}

/** Reports every test of the file, and the file itself when it hangs, crashes, is empty or leaves processes. */
export async function runFile(options: FileOptions): Promise<void> {
  const startedMs = monotonicMs();
  const child = startFile(options);
  const { pid } = child;
  if (pid === undefined) throw new Error(`cannot start a process for ${options.file}`);
  const output = keepOutput(child);
  const progress: Progress = { tests: 0, failures: 0, ended: false, running: '' };
  const followed = follow(child, options, progress);
  const exited = once(child, 'exit');
  let end = '';
  let ending: Promise<void> | undefined;
  const stop = (reason: string): void => {
    end = reason;
    ending ??= endGroup(pid, exited);
  };
  const cancelLimit = after(options.limitS * 1000, () => stop(`did not end within ${options.limitS} s`));
  const onAbort = (): void => stop('stopped');
  options.signal.addEventListener('abort', onAbort);
  const [code, killedBy]: (number | NodeJS.Signals | null)[] = await exited;
  cancelLimit();
  options.signal.removeEventListener('abort', onAbort);
  await ending;
  const leftovers = await hasLeftovers(pid);
  // Whoever escaped from the group may still hold the pipe open.
  await Promise.race([followed, pause(LEFTOVER_GRACE_MS, options.signal)]);
  const failure =
    fileFailure(progress, end, killedBy ?? code ?? 'unknown') ??
    (leftovers ? 'left processes behind when it ended (killed now)' : null);
  if (failure !== null) {
    const durationMs = monotonicMs() - startedMs;
    options.onResult({ title: options.file, outcome: 'fail', durationMs, detail: failure });
  }
  if ((failure !== null || progress.failures > 0) && output() !== '') {
    process.stdout.write(`  output of ${options.file}:\n${output().replace(/^/gm, '  | ')}\n`);
  }
}
