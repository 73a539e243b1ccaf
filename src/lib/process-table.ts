/** Facts about processes from /proc: whether a pid is still the process that we started. */
import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks after boot at which the process started; null when there is no such process or it is a zombie. */
export function startTicks(pid: number): number | null {
  const fields = statFields(pid);
  return fields === null || fields[0] === 'Z' ? null : Number(fields[19]);
}

/** True when `pid` lives and started at `ticks`: pids are reused, start times are not. */
export function isSameProcess(pid: number, ticks: number | null): boolean {
  return ticks !== null && startTicks(pid) === ticks;
}

/** True while the process is stopped by a signal (SIGSTOP). */
export function isStopped(pid: number): boolean {
  return statFields(pid)?.[0] === 'T';
}

/** Every live process whose parent chain leads to one of `roots`, the roots included. */
export function processTree(roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    if (!Number.isInteger(pid)) continue;
    const parent = Number(statFields(pid)?.[1] ?? Number.NaN);
    if (Number.isNaN(parent)) continue;
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const found = new Set<number>();
  const queue = roots.filter((pid) => startTicks(pid) !== null);
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    if (found.has(pid)) continue;
    found.add(pid);
    queue.push(...(children.get(pid) ?? []));
  }
  return [...found];
}

/** Sends a signal; false when the process is gone. */
export function signalProcess(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ESRCH') return false;
    throw error;
  }
}

/** The process's command and arguments; null when it does not live, or is a zombie. */
export function commandLine(pid: number): string | null {
  const text = readIfThere(`/proc/${pid}/cmdline`);
  return text === null || text === '' ? null : text.replaceAll('\0', ' ').trim();
}

/** A file's text; null when there is none, also when it goes away while it is read. */
export function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}

/** Fields of /proc/pid/stat behind the command: [state, ppid, …]; see proc(5). */
function statFields(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null;
  }
}
