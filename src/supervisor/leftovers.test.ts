import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { postmaster } from '../lib/run-state.ts';
import { stopOrphanedPostgres } from './leftovers.ts';

let dataDir: string;
before(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'tier0-leftovers-'));
});
after(() => rmSync(dataDir, { recursive: true, force: true }));

// As a server in its shutdown checkpoint, or one whose standby does not answer: only the second signal ends it, and not at once.
const SLOW = `
  process.on('SIGINT', () => {});
  process.on('SIGQUIT', () => setTimeout(() => process.exit(), 300));
  setInterval(() => {}, 1000);
  console.log('ready');
`;

test('a PostgreSQL left without an agent is gone when it was stopped, though a fast stop does not end it', async () => {
  const dir = join(dataDir, 'region1', 'postgres');
  mkdirSync(dir, { recursive: true });
  const server = spawn(process.execPath, ['-e', SLOW, dir], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await once(server.stdout, 'data');
    writeFileSync(join(dir, 'postmaster.pid'), `${server.pid}\n${dir}\n0\n`);
    assert.equal(postmaster(dataDir, 'region1')?.pid, server.pid);
    await stopOrphanedPostgres(dataDir, 'region1');
    assert.equal(postmaster(dataDir, 'region1'), null);
  } finally {
    server.kill('SIGKILL');
  }
});
