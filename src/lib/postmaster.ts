/** The PostgreSQL server of a data directory, found by its own pid file. */
import { join } from 'node:path';
import { commandLine, readIfThere } from './process-table.ts';

export type Postmaster = { readonly pid: number; readonly startedAt: string };

/** null when none lives: a pid file that a crash left, also one whose pid another process has now, does not count. */
export function findPostmaster(postgresDir: string): Postmaster | null {
  const [text, , startSeconds] = (readIfThere(join(postgresDir, 'postmaster.pid')) ?? '').split('\n');
  const pid = Number(text);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  if (commandLine(pid)?.includes(postgresDir) !== true) return null;
  return { pid, startedAt: new Date(Number(startSeconds) * 1000).toISOString() };
}
