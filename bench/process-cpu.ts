/** CPU time and resident memory of processes, read from /proc. */
import { readdirSync, readFileSync } from 'node:fs';
import { monotonicMs } from '../src/lib/clock.ts';

/** USER_HZ: the unit of /proc/pid/stat is 1/100 s on every Linux architecture that Node supports; proc(5). */
const TICKS_PER_SECOND = 100;
/** Fields of /proc/pid/stat, counted from behind the command. */
const PARENT_FIELD = 1;
const UTIME_FIELD = 11;
const STIME_FIELD = 12;

export type Watched = { readonly name: string; readonly pid: number };
export type Usage = {
  readonly name: string;
  readonly cpuSeconds: number;
  readonly cpuPercent: number;
  readonly residentBytes: number;
};

type Sample = { readonly parent: number; readonly cpuSeconds: number };
type Snapshot = ReadonlyMap<number, Sample>;

/**
 * Measures each watched process between `begin` and `end`, together with its descendants, except those that
 * descend from another watched process that is nearer.
 */
export class UsageMeter {
  readonly #watched: readonly Watched[];
  #begun: Snapshot = new Map();
  #beganMs = 0;
  #usage: readonly Usage[] = [];

  constructor(watched: readonly Watched[]) {
    this.#watched = watched;
  }

  begin(): void {
    this.#begun = snapshot();
    this.#beganMs = monotonicMs();
  }

  /** A process that ended in between is missing from the sum; one that started in between counts in full. */
  end(): void {
    const seconds = (monotonicMs() - this.#beganMs) / 1000;
    const now = snapshot();
    const members = membersByRoot(now, new Set(this.#watched.map(({ pid }) => pid)));
    this.#usage = this.#watched.map(({ name, pid }) => {
      let cpuSeconds = 0;
      let residentBytes = 0;
      for (const member of members.get(pid) ?? []) {
        cpuSeconds += (now.get(member)?.cpuSeconds ?? 0) - (this.#begun.get(member)?.cpuSeconds ?? 0);
        residentBytes += memoryBytes(member);
      }
      return { name, cpuSeconds, cpuPercent: (cpuSeconds / seconds) * 100, residentBytes };
    });
  }

  get usage(): readonly Usage[] {
    return this.#usage;
  }
}

/** Which processes count for which watched one: a process counts for its nearest watched ancestor. */
export function membersByRoot(
  processes: ReadonlyMap<number, { readonly parent: number }>,
  roots: ReadonlySet<number>,
): Map<number, number[]> {
  const members = new Map<number, number[]>();
  for (const pid of processes.keys()) {
    let at: number | undefined = pid;
    while (at !== undefined && at !== 0 && !roots.has(at)) at = processes.get(at)?.parent;
    if (at === undefined || at === 0) continue;
    members.set(at, [...(members.get(at) ?? []), pid]);
  }
  return members;
}

function snapshot(): Snapshot {
  const found = new Map<number, Sample>();
  for (const entry of readdirSync('/proc')) {
    const pid = Number(entry);
    const stat = Number.isInteger(pid) ? textOf(`/proc/${pid}/stat`) : null;
    if (stat === null) continue;
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = Number(fields[UTIME_FIELD]) + Number(fields[STIME_FIELD]);
    found.set(pid, { parent: Number(fields[PARENT_FIELD]), cpuSeconds: ticks / TICKS_PER_SECOND });
  }
  return found;
}

/**
 * Proportional set size where the kernel tells it, so that memory shared between PostgreSQL's backends
 * counts once; resident set size otherwise.
 */
function memoryBytes(pid: number): number {
  const proportional = /^Pss:\s+(\d+)/m.exec(textOf(`/proc/${pid}/smaps_rollup`) ?? '')?.[1];
  const resident = /^VmRSS:\s+(\d+)/m.exec(textOf(`/proc/${pid}/status`) ?? '')?.[1];
  return Number(proportional ?? resident ?? 0) * 1024;
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
