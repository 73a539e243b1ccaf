/** A PostgreSQL of its own for a test: started under the temporary directory, with the product's schema. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { giveTo, serviceAccount } from './account.ts';
import { sleep } from './clock.ts';
import { postgresBinDir } from './postgres-programs.ts';
import { PROJECT_DIR } from './project.ts';

const run = promisify(execFile);
const MIGRATIONS = join(PROJECT_DIR, 'migrations');
const HOST = '127.0.0.1';
const START_ATTEMPTS = 200;

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export type TestDatabase = {
  readonly port: number;
  /** As the superuser. The caller ends it. */
  readonly connect: () => Promise<pg.Client>;
  /** Ends the server by its pid and removes its directory. */
  readonly stop: () => Promise<void>;
};

export async function startTestDatabase(): Promise<TestDatabase> {
  const dir = mkdtempSync(join(tmpdir(), 'tier0-test-postgres-'));
  const remove = (): void => rmSync(dir, { recursive: true, force: true });
  try {
    return await startIn(dir, remove);
  } catch (error) {
    remove();
    throw error;
  }
}

async function startIn(dir: string, remove: () => void): Promise<TestDatabase> {
  const account = serviceAccount();
  chmodSync(dir, 0o700);
  giveTo(account, dir);
  const as = account === null ? {} : { uid: account.uid, gid: account.gid };
  const bin = postgresBinDir();
  const data = join(dir, 'data');
  const init = [
    `--pgdata=${data}`,
    '--username=admin',
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  await run(join(bin, 'initdb'), init, { ...as, cwd: dir });
  const port = await freePort();
  writeFileSync(
    join(data, 'postgresql.conf'),
    [
      `listen_addresses = '${HOST}'`,
      `port = ${port}`,
      "unix_socket_directories = ''",
      'fsync = off',
      'max_connections = 20',
      'shared_buffers = 16MB',
      "deadlock_timeout = '200ms'",
      "timezone = 'UTC'",
    ].join('\n'),
  );
  const server = spawn(join(bin, 'postgres'), ['-D', data], { ...as, cwd: dir, stdio: 'ignore' });
  const exited = once(server, 'exit');
  const stop = async (): Promise<void> => {
    if (server.exitCode === null && server.signalCode === null) {
      server.kill('SIGQUIT');
      await exited;
    }
    remove();
  };
  const connect = async (database = 'tier0'): Promise<pg.Client> => {
    const client = new pg.Client({ host: HOST, port, user: 'admin', database });
    await client.connect();
    return client;
  };
  try {
    await migrate(connect, () => server.exitCode !== null);
  } catch (error) {
    await stop();
    throw error;
  }
  return { port, connect, stop };
}

type Connect = (database?: string) => Promise<pg.Client>;

async function migrate(connect: Connect, died: () => boolean): Promise<void> {
  const first = await firstConnection(() => connect('postgres'), died);
  await first.query('CREATE DATABASE tier0');
  await first.end();
  const client = await connect();
  const roles = [
    'ingest',
    'api',
    'worker',
    'control',
    'log',
    'rag',
    'rag_reader',
    'vision',
    'prober',
    'monitor',
  ];
  for (const role of roles) {
    await client.query(`CREATE ROLE tier0_${role} LOGIN`);
  }
  for (const file of readdirSync(MIGRATIONS)
    .filter((name) => name.endsWith('.sql'))
    .sort()) {
    await client.query(readFileSync(join(MIGRATIONS, file), 'utf8'));
  }
  await client.end();
}

async function firstConnection(connect: () => Promise<pg.Client>, died: () => boolean): Promise<pg.Client> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connect();
    } catch (error) {
      if (died() || attempt >= START_ATTEMPTS) throw error;
      await sleep(50);
    }
  }
}
