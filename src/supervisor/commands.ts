/** `tier0 group`, `down`, `status` and `logs`. */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pause, wallMs } from '../lib/clock.ts';
import { UsageError } from '../lib/errors.ts';
import { isSameProcess, isStopped, processTree, signalProcess } from '../lib/process-table.ts';
import { isAlive, type ProcessStatus, postmaster, readRunState } from '../lib/run-state.ts';
import { DATA_REGIONS, GROUPS, type Group, type Member, topology } from '../lib/topology.ts';
import { type InstanceOptions, prepareDataDir, type UpOptions } from './config.ts';
import { GroupSupervisor } from './group.ts';
import { leftovers, stopLeftovers, stopOrphanedPostgres } from './leftovers.ts';
import { groupOf, plan } from './plan.ts';
import { planOptions, webRootOf } from './up.ts';

const DOWN_TIMEOUT_MS = 60_000;
/** Exit code of `status` and `down` when nothing runs. */
const NO_INSTANCE = 3;

/** A region's own supervisor; it lives as long as the `up` that started it, or until it is told to stop. */
export async function runGroup(member: Member, options: UpOptions): Promise<void> {
  const account = prepareDataDir(options.dataDir);
  const supervisor = new GroupSupervisor({
    group: member,
    specs: groupOf(plan(planOptions(options)), member),
    topology: topology(options.portOffset),
    dataDir: options.dataDir,
    webRoot: webRootOf(options.dataDir),
    account,
    onStatus: (status) => {
      if (process.connected) process.send?.(status);
    },
  });
  const stopped = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => resolve());
    process.once('disconnect', () => resolve());
  });
  void supervisor.start();
  await stopped;
  await supervisor.stop();
  // The channel to `up` would keep this process alive.
  if (process.connected) process.disconnect();
}

/** Stops a running instance; with `purge` its data is removed as well. Exit code 3 when there was nothing to do. */
export async function down(
  options: InstanceOptions,
  purge: boolean,
  print: (line: string) => void,
): Promise<number> {
  const running = readRunState(options.dataDir, 'up');
  const before = livingParts(options.dataDir);
  const removes = purge && existsSync(options.dataDir);
  if (removes && running === null) {
    throw new UsageError(`${options.dataDir} is not a data directory of tier0; it is left alone`);
  }
  if (before.length === 0 && !removes) {
    print(`no instance runs in ${options.dataDir}`);
    return NO_INSTANCE;
  }
  const limit = AbortSignal.timeout(DOWN_TIMEOUT_MS);
  if (isAlive(running)) {
    print(`stopping the instance in ${options.dataDir} (pid ${running.pid})`);
    // A frozen process, as a drill leaves it when it is cut short, does not hear that it is to stop.
    for (const group of GROUPS) continueGroup(options.dataDir, group);
    signalProcess(running.pid, 'SIGTERM');
    while (isAlive(running) && (await pause(50, limit)));
  }
  await stopOrphans(options.dataDir, limit, print);
  const left = livingParts(options.dataDir);
  if (left.length > 0)
    throw new UsageError(`still running after ${DOWN_TIMEOUT_MS / 1000} s: ${left.join(', ')}`);
  if (before.length > 0) print('stopped');
  if (removes) {
    rmSync(options.dataDir, { recursive: true, force: true });
    print(`removed ${options.dataDir}`);
  }
  return 0;
}

function continueGroup(dataDir: string, group: Group): void {
  const state = readRunState(dataDir, group);
  const roots = [state?.pid ?? null, postmaster(dataDir, group)?.pid ?? null].filter((pid) => pid !== null);
  for (const pid of processTree(roots)) if (isStopped(pid)) signalProcess(pid, 'SIGCONT');
}

/** After kill -9 of `up`, or of a region's supervisor too, what they had started is stopped here. */
async function stopOrphans(
  dataDir: string,
  limit: AbortSignal,
  print: (line: string) => void,
): Promise<void> {
  for (const group of [...GROUPS].reverse()) {
    const supervisor = readRunState(dataDir, group);
    // A region's supervisor stops by itself once it has lost `up`; that takes it a moment.
    while (isAlive(supervisor) && (await pause(50, limit)));
    if (isAlive(supervisor)) continue;
    const left = leftovers(dataDir, group);
    if (left.length > 0)
      print(`${group}: stopping ${left.map(({ name }) => name).join(', ')}, left without a supervisor`);
    await stopLeftovers(dataDir, group);
    await stopOrphanedPostgres(dataDir, group);
  }
}

function livingParts(dataDir: string): string[] {
  const supervisors = (['up', ...GROUPS] as const).filter((name) => isAlive(readRunState(dataDir, name)));
  const databases = DATA_REGIONS.filter((region) => postmaster(dataDir, region) !== null);
  const orphans = GROUPS.filter((group) => !isAlive(readRunState(dataDir, group))).flatMap((group) =>
    leftovers(dataDir, group).map(({ name }) => `${group} ${name}`),
  );
  return [...supervisors, ...databases.map((region) => `${region} postgres`), ...orphans];
}

type Row = Omit<ProcessStatus, 'state' | 'startTicks'> & {
  readonly state: ProcessStatus['state'] | 'orphaned';
};

/** Every process by region. Exit code 3 when no instance runs, 1 when a process is not ready. */
export function status(options: InstanceOptions, print: (line: string) => void): number {
  const running = isAlive(readRunState(options.dataDir, 'up'));
  if (!running) {
    print(`no instance runs in ${options.dataDir}`);
    if (livingParts(options.dataDir).length === 0) return NO_INSTANCE;
  }
  const rows = GROUPS.flatMap((group) => groupRows(options, group));
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => cell.padEnd([11, 11, 9, 8, 7, 12, 8][i] ?? 0))
      .join(' ')
      .trimEnd();
  print(line(['REGION', 'PROCESS', 'STATE', 'PID', 'PORT', 'UPTIME', 'RESTARTS']));
  for (const row of rows) {
    const cells = [
      row.pid ?? '-',
      row.port ?? '-',
      row.startedAt === null ? '-' : uptime(row.startedAt),
      row.restarts,
    ];
    print(line([row.group, row.name, row.state, ...cells.map(String)]));
  }
  return rows.length > 0 && rows.every((row) => row.state === 'ready') ? 0 : 1;
}

function groupRows(options: InstanceOptions, group: (typeof GROUPS)[number]): Row[] {
  const state = readRunState(options.dataDir, group);
  if (state === null) return [];
  const supervised: boolean = isAlive(state);
  const rows: Row[] = state.processes.map((process) => (supervised ? process : withoutSupervisor(process)));
  const region = DATA_REGIONS.find((candidate) => candidate === group);
  if (region === undefined) return rows;
  const database = postmaster(options.dataDir, group);
  return [
    ...rows,
    {
      group,
      name: 'postgres',
      state: database === null ? 'stopped' : 'ready',
      pid: database?.pid ?? null,
      port: topology(state.portOffset)[region].postgres,
      startedAt: database?.startedAt ?? null,
      restarts: 0,
    },
  ];
}

function withoutSupervisor(process: ProcessStatus): Row {
  const lives = process.pid !== null && isSameProcess(process.pid, process.startTicks);
  return lives ? { ...process, state: 'orphaned' } : { ...process, state: 'stopped', pid: null };
}

function uptime(startedAt: string): string {
  const seconds = Math.max(0, Math.floor((wallMs() - Date.parse(startedAt)) / 1000));
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  if (hours > 0) return `${hours} h ${minutes} min`;
  return minutes > 0 ? `${minutes} min ${seconds % 60} s` : `${seconds} s`;
}

/** Follows the logs of all processes, or of one named as `status` names it ("region1-ingest" or "ingest"). */
export function logs(
  options: InstanceOptions,
  wanted: string | undefined,
  lines: number,
  follow: boolean,
): Promise<number> {
  const dir = join(options.dataDir, 'logs');
  const names = existsSync(dir)
    ? readdirSync(dir)
        .filter((file) => /\.(log|json)$/.test(file))
        .sort()
    : [];
  const stem = (file: string): string => file.replace(/\.(log|json)$/, '');
  const chosen = names.filter(
    (file) => wanted === undefined || stem(file) === wanted || stem(file).endsWith(`-${wanted}`),
  );
  if (chosen.length === 0) {
    const known = names.map(stem).join(', ');
    throw new UsageError(
      wanted === undefined
        ? `no logs in ${dir} yet`
        : `no log of "${wanted}"; there are: ${known || 'none yet'}`,
    );
  }
  const args = [
    ...(follow ? ['-F'] : []),
    '-q',
    '-n',
    String(lines),
    ...chosen.map((file) => join(dir, file)),
  ];
  return new Promise((resolve) => {
    const tail = spawn('tail', args, { stdio: 'inherit' });
    process.on('SIGINT', () => tail.kill('SIGTERM'));
    tail.once('close', (code) => resolve(code ?? 0));
  });
}
