/** What a group's supervisor leaves in <dataDir>/run for `status`, `down` and its own next start. */
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { findPostmaster, type Postmaster } from './postmaster.ts';
import { isSameProcess } from './process-table.ts';
import { Nullable } from './schema.ts';
import type { Group } from './topology.ts';

const ProcessStateSchema = Type.Union([
  Type.Literal('waiting'),
  Type.Literal('starting'),
  Type.Literal('ready'),
  Type.Literal('backoff'),
  Type.Literal('stopping'),
  Type.Literal('stopped'),
]);
export type ProcessState = Static<typeof ProcessStateSchema>;

const ProcessStatusSchema = Type.Object({
  name: Type.String(),
  group: Type.String(),
  state: ProcessStateSchema,
  pid: Nullable(Type.Integer()),
  startTicks: Nullable(Type.Integer()),
  port: Nullable(Type.Integer()),
  startedAt: Nullable(Type.String()),
  restarts: Type.Integer(),
});
export type ProcessStatus = Static<typeof ProcessStatusSchema>;

const RunStateSchema = Type.Object({
  group: Type.String(),
  pid: Type.Integer(),
  startTicks: Nullable(Type.Integer()),
  portOffset: Type.Integer(),
  processes: Type.Array(ProcessStatusSchema),
});
export type RunState = Static<typeof RunStateSchema>;

/** `up` is the whole instance's own entry beside those of the groups. */
export type RunName = Group | 'up';

const runPath = (dataDir: string, name: RunName): string => join(dataDir, 'run', `${name}.json`);

/** Replaces the file in one step: a reader never sees half of it. */
export function writeRunState(dataDir: string, name: RunName, state: RunState): void {
  const path = runPath(dataDir, name);
  writeFileSync(`${path}.new`, JSON.stringify(state, null, 1));
  renameSync(`${path}.new`, path);
}

/** null when the group never ran here. Throws on a file of another form. */
export function readRunState(dataDir: string, name: RunName): RunState | null {
  const path = runPath(dataDir, name);
  if (!existsSync(path)) return null;
  return Value.Parse(RunStateSchema, JSON.parse(readFileSync(path, 'utf8')));
}

/** The PostgreSQL server of a region, which its agent started. */
export function postmaster(dataDir: string, group: Group): Postmaster | null {
  return findPostmaster(join(dataDir, group, 'postgres'));
}

/** Whether the supervisor that wrote the state still runs. */
export function isAlive(state: RunState | null): state is RunState {
  return state !== null && isSameProcess(state.pid, state.startTicks);
}
