/** Processes of the measured cluster: started under PostgreSQL's account, found by their directory, ended by pid. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import type { Account } from '../../src/lib/account.ts';
import { monotonicMs, sleep } from '../../src/lib/clock.ts';
import { signalProcess, startTicks } from '../../src/lib/process-table.ts';

/** In util-linux, which Debian cannot be without. */
const SETPRIV = '/usr/bin/setpriv';
const GONE_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 20;

export type Program = {
  readonly command: string;
  readonly args: readonly string[];
  /** Working directory; the output is appended to the log beside it. */
  readonly dir: string;
  readonly logFile: string;
  readonly account: Account | null;
};

/** Starts it with a bare environment, so that no PG* or PATRONI_* variable of the caller changes what is measured. */
export function start({ command, args, dir, logFile, account }: Program): ChildProcess {
  const log = openSync(logFile, 'a');
  try {
    // The kernel ends it should this process be killed outright; Patroni then stops its PostgreSQL.
    const child = spawn(SETPRIV, ['--pdeathsig', 'TERM', command, ...args], {
      cwd: dir,
      env: { PATH: process.env.PATH, LANG: 'C.UTF-8', HOME: dir },
      stdio: ['ignore', log, log],
      ...(account === null ? {} : { uid: account.uid, gid: account.gid }),
    });
    // What cannot be started shows as something that is waited for in vain, and in the log.
    child.on('error', () => {});
    return child;
  } finally {
    closeSync(log);
  }
}

/** Every live process of the account that works in `dir` or below: servers change into their data directory. */
export function processesBelow(dir: string, account: Account | null): number[] {
  const owner = account?.uid ?? process.getuid?.();
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && startTicks(pid) !== null)
    .filter((pid) => {
      const { cwd, uid } = lookAt(pid);
      return uid === owner && (cwd === dir || cwd.startsWith(`${dir}/`));
    });
}

/** No directory when the process ends while it is looked at, or belongs to somebody else: then it is not ours. */
function lookAt(pid: number): { cwd: string; uid: number } {
  try {
    return { cwd: readlinkSync(`/proc/${pid}/cwd`), uid: statSync(`/proc/${pid}`).uid };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES' || code === 'EPERM')
      return { cwd: '', uid: -1 };
    throw error;
  }
}

/** kill -9 of everything below `dir`, also of what was being forked meanwhile. Throws when something stays. */
export async function killBelow(dir: string, account: Account | null): Promise<void> {
  const giveUpMs = monotonicMs() + GONE_LIMIT_MS;
  for (;;) {
    const pids = processesBelow(dir, account);
    if (pids.length === 0) return;
    if (monotonicMs() > giveUpMs) throw new Error(`processes ${pids.join(', ')} in ${dir} outlive SIGKILL`);
    for (const pid of pids) signalProcess(pid, 'SIGKILL');
    await sleep(LOOK_EVERY_MS);
  }
}
