/** CPU time and resident memory of processes, read from /proc. */
import { readFileSync } from 'node:fs';
import { monotonicMs } from '../src/lib/clock.ts';
import { processTree } from '../src/lib/process-table.ts';

/** USER_HZ: the unit of /proc/pid/stat is 1/100 s on every Linux architecture that Node supports; proc(5). */
const TICKS_PER_SECOND = 100;
const UTIME_FIELD = 11;
const STIME_FIELD = 12;

export type Watched = { readonly name: string; readonly pid: number };
export type Usage = {
  readonly name: string;
  readonly cpuSeconds: number;
  readonly cpuPercent: number;
  readonly residentBytes: number;
};

type Sample = { readonly cpuSeconds: number; readonly residentBytes: number };

/** Measures each watched process together with its descendants between `begin` and `end`. */
export class UsageMeter {
  readonly #watched: readonly Watched[];
  readonly #roots: ReadonlySet<number>;
  #begun = new Map<string, Map<number, number>>();
  #usage: Usage[] = [];
  #beganMs = 0;

  constructor(watched: readonly Watched[]) {
    this.#watched = watched;
    this.#roots = new Set(watched.map(({ pid }) => pid));
  }

  begin(): void {
    this.#beganMs = monotonicMs();
    this.#begun = new Map(this.#watched.map((one) => [one.name, cpuOf(this.#membersOf(one.pid))]));
  }

  /** A process that ended in between is missing from the sum; one that started in between counts in full. */
  end(): void {
    const seconds = (monotonicMs() - this.#beganMs) / 1000;
    this.#usage = this.#watched.map(({ name, pid }) => {
      const before = this.#begun.get(name) ?? new Map<number, number>();
      let cpuSeconds = 0;
      const members = this.#membersOf(pid);
      for (const [member, now] of cpuOf(members)) cpuSeconds += now - (before.get(member) ?? 0);
      return {
        name,
        cpuSeconds,
        cpuPercent: (cpuSeconds / seconds) * 100,
        residentBytes: residentBytes(members),
      };
    });
  }

  get usage(): readonly Usage[] {
    return this.#usage;
  }

  /** The process and its descendants, without those that are watched in their own right. */
  #membersOf(root: number): number[] {
    const tree = processTree([root]);
    const others = tree.filter((pid) => pid !== root && this.#roots.has(pid));
    const elsewhere = new Set(processTree(others));
    return tree.filter((pid) => !elsewhere.has(pid));
  }
}

function cpuOf(pids: readonly number[]): Map<number, number> {
  const found = new Map<number, number>();
  for (const pid of pids) {
    const sample = read(pid);
    if (sample !== null) found.set(pid, sample.cpuSeconds);
  }
  return found;
}

/**
 * Proportional set size where the kernel tells it, so that memory shared between PostgreSQL's backends
 * counts once; resident set size otherwise.
 */
function residentBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + (proportionalBytes(pid) ?? read(pid)?.residentBytes ?? 0), 0);
}

function read(pid: number): Sample | null {
  const stat = textOf(`/proc/${pid}/stat`);
  const status = textOf(`/proc/${pid}/status`);
  if (stat === null || status === null) return null;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[UTIME_FIELD]) + Number(fields[STIME_FIELD]);
  const kilobytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0);
  return { cpuSeconds: ticks / TICKS_PER_SECOND, residentBytes: kilobytes * 1024 };
}

function proportionalBytes(pid: number): number | null {
  const rollup = textOf(`/proc/${pid}/smaps_rollup`);
  const kilobytes = rollup === null ? undefined : /^Pss:\s+(\d+)/m.exec(rollup)?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** Null when the process has ended or belongs to someone else: both are ordinary while sampling. */
function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM') return null;
    throw error;
  }
}
