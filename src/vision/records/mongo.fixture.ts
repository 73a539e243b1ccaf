/** A server of its own that speaks MongoDB's protocol (@jongodb/memory-server, not MongoDB itself), for a test. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { freePort } from '../../lib/test-database.ts';

const PACKAGE = '@jongodb/memory-server-bin-linux-x64-gnu/package.json';

export type TestMongo = {
  readonly url: string;
  readonly stop: () => Promise<void>;
  /** On the same port again, empty: it keeps nothing. */
  readonly restart: () => Promise<void>;
};

async function start(port: number): Promise<ChildProcess> {
  const binary = join(dirname(createRequire(import.meta.url).resolve(PACKAGE)), 'bin/jongodb');
  const server = spawn(binary, ['--host=127.0.0.1', `--port=${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (server.stdout === null) throw new Error('the server has no output');
  // Its first line says that it listens.
  await once(server.stdout, 'data');
  return server;
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  server.kill('SIGKILL');
  await once(server, 'exit');
}

export async function startTestMongo(): Promise<TestMongo> {
  const port = await freePort();
  let server = await start(port);
  return {
    url: `mongodb://127.0.0.1:${port}/tier0`,
    stop: () => end(server),
    restart: async () => {
      await end(server);
      server = await start(port);
    },
  };
}
