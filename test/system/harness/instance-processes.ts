/** All processes of an instance, found by its unique data directory, and their end. */
import { existsSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { monotonicMs, sleep } from '../../../src/lib/clock.ts';
import { commandLine, signalProcess, startTicks } from '../../../src/lib/process-table.ts';
import { isAlive, readRunState } from '../../../src/lib/run-state.ts';

/** What an orderly stop gets before the rest is killed; the test runner kills the test file after 30 s. */
const ORDERLY_STOP_MS = 22_000;
const KILLED_WITHIN_MS = 5_000;

export type InstanceProcess = { readonly pid: number; readonly command: string };

/** Engines change the text of their command line, so the working directory and the environment count too. */
function belongsTo(pid: number, dataDir: string): boolean {
  const read = (file: string): string => readFileSync(`/proc/${pid}/${file}`, 'utf8');
  try {
    const cwd = readlinkSync(`/proc/${pid}/cwd`);
    if (cwd === dataDir || cwd.startsWith(`${dataDir}/`)) return true;
    return read('cmdline').includes(dataDir) || read('environ').includes(`=${dataDir}\0`);
  } catch {
    // The process ended while we looked, or is another user's and so none of ours.
    return false;
  }
}

export function instanceProcesses(dataDir: string): InstanceProcess[] {
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map(Number)
    .filter((pid) => startTicks(pid) !== null && belongsTo(pid, dataDir))
    .map((pid) => ({ pid, command: commandLine(pid) ?? 'ended' }));
}

async function allGone(dataDir: string, limitMs: number, each: () => void): Promise<boolean> {
  const deadlineMs = monotonicMs() + limitMs;
  for (;;) {
    if (instanceProcesses(dataDir).length === 0) return true;
    if (monotonicMs() > deadlineMs) return false;
    each();
    await sleep(50);
  }
}

/**
 * Ends every process of the instance and removes its directory: asks first, then kills.
 * Returns the processes that had to be killed. Throws when some survive even that.
 */
export async function endInstance(dataDir: string): Promise<InstanceProcess[]> {
  for (const { pid } of instanceProcesses(dataDir)) signalProcess(pid, 'SIGCONT');
  const running = existsSync(dataDir) ? readRunState(dataDir, 'up') : null;
  let killed: InstanceProcess[] = [];
  if (isAlive(running)) signalProcess(running.pid, 'SIGTERM');
  if (!(await allGone(dataDir, isAlive(running) ? ORDERLY_STOP_MS : 0, () => {}))) {
    killed = instanceProcesses(dataDir);
    const kill = (): void => {
      for (const { pid } of instanceProcesses(dataDir)) signalProcess(pid, 'SIGKILL');
    };
    if (!(await allGone(dataDir, KILLED_WITHIN_MS, kill))) {
      const left = instanceProcesses(dataDir).map(({ pid, command }) => `${pid} ${command}`);
      throw new Error(`processes survive SIGKILL: ${left.join(', ')}`);
    }
  }
  rmSync(dataDir, { recursive: true, force: true });
  return killed;
}
