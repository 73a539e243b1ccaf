/** `tier0 group`, `down`, `status` and `logs`. */
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pause, wallMs } from '../lib/clock.ts';
import { UsageError } from '../lib/errors.ts';
import { isSameProcess, signalProcess } from '../lib/process-table.ts';
import { frozenProcesses, isAlive, type ProcessStatus, postmaster, readRunState } from '../lib/run-state.ts';
import { DATA_REGIONS, GROUPS, type Member, topology } from '../lib/topology.ts';
import { type InstanceOptions, prepareDataDir, type UpOptions } from './config.ts';
import { GroupSupervisor } from './group.ts';
import { leftovers, stopLeftovers, stopOrphanedPostgres } from './leftovers.ts';
import { chosenLogs, type LogChoice, type LogFilter, searchLogs } from './log-search.ts';
import { targets } from './observability/targets.ts';
import { groupOf, plan } from './plan.ts';
import { planOptions, webRootOf } from './up.ts';

const DOWN_TIMEOUT_MS = 60_000;
/** Exit code of `status` and `down` when nothing runs. */
const NO_INSTANCE = 3;

/** A region's own supervisor; it lives as long as the `up` that started it, or until it is told to stop. */
export async function runGroup(member: Member, options: UpOptions): Promise<void> {
  const account = prepareDataDir(options.dataDir);
  const at = topology(options.portOffset);
  const specs = plan(planOptions(options));
  const supervisor = new GroupSupervisor({
    group: member,
    specs: groupOf(specs, member),
    topology: at,
    dataDir: options.dataDir,
    webRoot: webRootOf(options.dataDir),
    account,
    trustedProxies: options.trustedProxies,
    observability: options.observability,
    targets: targets(specs, at),
    alertWebhook: options.alertWebhook,
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
    const frozen = GROUPS.flatMap((group) => frozenProcesses(options.dataDir, group));
    for (const pid of frozen) signalProcess(pid, 'SIGCONT');
    signalProcess(running.pid, 'SIGTERM');
    while (isAlive(running) && (await pause(50, limit)));
  }
  await stopOrphans(options.dataDir, limit, print);
  const left = livingParts(options.dataDir);
  if (left.length > 0) throw new UsageError(`could not be stopped: ${left.join(', ')}`);
  if (before.length > 0) print('stopped');
  if (removes) {
    rmSync(options.dataDir, { recursive: true, force: true });
    print(`removed ${options.dataDir}`);
  }
  return 0;
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

export type LogsOptions = {
  readonly choice: LogChoice;
  /** null: the logs are followed, or their ends are printed; otherwise they are searched. */
  readonly filter: LogFilter | null;
  readonly lines: number;
  readonly follow: boolean;
};

/** Exit code 1 when a search finds nothing, as grep has it. */
export async function logs(
  { dataDir }: InstanceOptions,
  { choice, filter, lines, follow }: LogsOptions,
  print: (line: string) => void,
): Promise<number> {
  const paths = chosenLogs(join(dataDir, 'logs'), choice).map(({ path }) => path);
  if (filter !== null) {
    const found = await searchLogs(paths, filter, lines);
    for (const { text } of found) print(text);
    return found.length > 0 ? 0 : 1;
  }
  const args = [...(follow ? ['-F'] : []), '-q', '-n', String(lines), ...paths];
  return new Promise((resolve) => {
    const tail = spawn('tail', args, { stdio: 'inherit' });
    process.on('SIGINT', () => tail.kill('SIGTERM'));
    tail.once('close', (code) => resolve(code ?? 0));
  });
}

/** `status` again and again until SIGINT or SIGTERM: in place on a terminal, one below the other elsewhere. */
export async function watchStatus(
  options: InstanceOptions,
  intervalS: number,
  out: NodeJS.WriteStream,
): Promise<number> {
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
  // A reader that has gone, as `| head`, ends it.
  out.once('error', () => ended.abort());
  do {
    const lines: string[] = [new Date(wallMs()).toISOString()];
    status(options, (line) => lines.push(line));
    const clearToEnd = out.isTTY ? '\x1b[H\x1b[J' : '';
    out.write(`${clearToEnd}${lines.join('\n')}\n${out.isTTY ? '' : '\n'}`);
  } while (await pause(intervalS * 1_000, ended.signal));
  return 0;
}
