/** Processes that outlived their supervisor, as after kill -9: found by pid and start time, never by name. */
import { pause } from '../lib/clock.ts';
import { isSameProcess, signalProcess } from '../lib/process-table.ts';
import { postmaster, readRunState } from '../lib/run-state.ts';
import type { Group } from '../lib/topology.ts';

/** What each signal is given before the next, harder one. */
const STOP_MS = 6_000;

type Left = { readonly name: string; readonly pid: number; readonly ticks: number | null };

export function leftovers(dataDir: string, group: Group): Left[] {
  return (readRunState(dataDir, group)?.processes ?? []).flatMap(({ name, pid, startTicks: ticks }) =>
    pid !== null && isSameProcess(pid, ticks) ? [{ name, pid, ticks }] : [],
  );
}

/** Ends them, an agent before the engines it needs for a clean stop; what does not end in time is killed. */
export async function stopLeftovers(dataDir: string, group: Group): Promise<void> {
  const left = leftovers(dataDir, group);
  await end(left.filter(({ name }) => name === 'agent'));
  await end(left.filter(({ name }) => name !== 'agent'));
}

/** Stops a PostgreSQL that no agent looks after any more, however long its checkpoint would take. */
export async function stopOrphanedPostgres(dataDir: string, group: Group): Promise<void> {
  const server = postmaster(dataDir, group);
  if (server === null) return;
  const runs = (): boolean => postmaster(dataDir, group)?.pid === server.pid;
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (!runs()) return;
    signalProcess(server.pid, signal);
    const limit = AbortSignal.timeout(STOP_MS);
    while (runs() && (await pause(50, limit)));
  }
}

async function end(processes: readonly Left[]): Promise<void> {
  const living = (): Left[] => processes.filter(({ pid, ticks }) => isSameProcess(pid, ticks));
  for (const { pid } of living()) signalProcess(pid, 'SIGTERM');
  const limit = AbortSignal.timeout(STOP_MS);
  while (living().length > 0 && (await pause(50, limit)));
  for (const { pid } of living()) signalProcess(pid, 'SIGKILL');
}
