import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { it } from 'node:test';
import { isSameProcess, signalProcess, startTicks } from './process-table.ts';

it('a process is known by its pid and its start, until it ends', async () => {
  const child = spawn('sleep', ['60']);
  const { pid } = child;
  assert.ok(pid !== undefined);
  const ticks = startTicks(pid);
  assert.ok(ticks !== null && ticks >= (startTicks(process.pid) ?? 0));
  assert.equal(isSameProcess(pid, ticks), true);
  assert.equal(isSameProcess(pid, ticks - 1), false);
  assert.equal(isSameProcess(pid, null), false);
  assert.equal(signalProcess(pid, 'SIGTERM'), true);
  await once(child, 'exit');
  assert.equal(startTicks(pid), null);
  assert.equal(isSameProcess(pid, ticks), false);
  assert.equal(signalProcess(pid, 'SIGTERM'), false);
});
