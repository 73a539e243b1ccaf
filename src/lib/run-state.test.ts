import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, it } from 'node:test';
import { startTicks } from './process-table.ts';
import { isAlive, postmaster, type RunState, readRunState, writeRunState } from './run-state.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'tier0-test-run-'));
  mkdirSync(join(dir, 'run'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const state = (): RunState => ({
  group: 'region1',
  pid: process.pid,
  startTicks: startTicks(process.pid),
  portOffset: 100,
  processes: [
    {
      name: 'etcd',
      group: 'region1',
      state: 'ready',
      pid: 12,
      startTicks: null,
      port: 2_479,
      startedAt: '2026-11-16T00:00:00.000Z',
      restarts: 3,
    },
  ],
});

it('a state is read as it was written, and replaced without leaving anything', () => {
  assert.equal(readRunState(dir, 'region1'), null);
  writeRunState(dir, 'region1', state());
  writeRunState(dir, 'region1', { ...state(), portOffset: 200 });
  assert.deepEqual(readRunState(dir, 'region1'), { ...state(), portOffset: 200 });
  assert.deepEqual(readdirSync(join(dir, 'run')), ['region1.json']);
  assert.equal(readRunState(dir, 'up'), null);
});

it('a file of another form is refused', () => {
  writeFileSync(join(dir, 'run', 'up.json'), '{"pid":"x"}');
  assert.throws(() => readRunState(dir, 'up'));
});

it('a supervisor lives while its pid is the process that wrote the state', () => {
  assert.equal(isAlive(state()), true);
  assert.equal(isAlive({ ...state(), startTicks: 1 }), false);
  assert.equal(isAlive({ ...state(), startTicks: null }), false);
  assert.equal(isAlive(null), false);
});

it('a postmaster’s pid file counts only for that postmaster, not for whoever has its pid now', () => {
  assert.equal(postmaster(dir, 'region1'), null);
  mkdirSync(join(dir, 'region1', 'postgres'), { recursive: true });
  for (const pid of ['', 'x', '-1', String(process.pid)]) {
    writeFileSync(join(dir, 'region1', 'postgres', 'postmaster.pid'), `${pid}\n/data\n1763294400\n5432\n`);
    assert.equal(postmaster(dir, 'region1'), null, pid);
  }
});
