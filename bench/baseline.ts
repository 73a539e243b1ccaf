/** The baseline beside ours: Mosquitto, a subscriber that INSERTs, the same database with the same replication. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { monotonicMs, sleep, within } from '../src/lib/clock.ts';
import { freePort } from './free-port.ts';
import { type LoadResult, type LoadSpec, runLoad } from './load.ts';
import { type Usage, UsageMeter, type Watched } from './process-cpu.ts';

const PIPELINE = fileURLToPath(new URL('baseline-pipeline.ts', import.meta.url));
const START_DEADLINE_MS = 10_000;
/** What the broker may hold for a slow subscriber; beyond it Mosquitto drops silently. */
const BROKER_QUEUE_MESSAGES = 1_000_000;
const SETTLE_MS = 20_000;

export type BaselineResult = {
  readonly load: LoadResult;
  readonly storedPerSecond: number;
  readonly stored: number;
  /** Acknowledged by the broker, not in the table when the pipeline had stopped making progress. */
  readonly missing: number;
  readonly usage: readonly Usage[];
};

/** Runs the baseline with its own broker and its own table, both removed afterwards. */
export async function runBaseline(
  connectionString: string,
  spec: Omit<LoadSpec, 'targets'>,
  databases: readonly Watched[],
): Promise<BaselineResult> {
  const admin = new pg.Client({ connectionString });
  await admin.connect();
  const dir = await mkdtemp(join(tmpdir(), 'tier0-baseline-'));
  const children: ChildProcess[] = [];
  try {
    await admin.query('DROP TABLE IF EXISTS bench_baseline');
    await admin.query(
      `CREATE TABLE bench_baseline (device_id text, device_type text, site_id text, ts timestamptz,
                                    payload jsonb, PRIMARY KEY (device_id, ts))`,
    );
    const port = await freePort();
    const broker = await startBroker(dir, port);
    children.push(broker);
    const subscriber = await startPipeline(port, connectionString);
    children.push(subscriber);
    const watched = [
      { name: 'baseline-mosquitto', pid: broker.pid ?? 0 },
      { name: 'baseline-subscriber', pid: subscriber.pid ?? 0 },
      ...databases,
    ];
    return await measure(admin, { ...spec, targets: [{ host: '127.0.0.1', port }] }, new UsageMeter(watched));
  } finally {
    for (const child of children.reverse()) child.kill('SIGKILL');
    await admin.query('DROP TABLE IF EXISTS bench_baseline');
    await admin.end();
    await rm(dir, { recursive: true });
  }
}

async function measure(admin: pg.Client, spec: LoadSpec, meter: UsageMeter): Promise<BaselineResult> {
  const begin = { stored: 0, atMs: 0 };
  const end = { stored: 0, atMs: 0 };
  const take = async (into: { stored: number; atMs: number }): Promise<void> => {
    into.stored = await rowCount(admin);
    into.atMs = monotonicMs();
  };
  const load = await runLoad(spec, {
    begin: async () => {
      await take(begin);
      meter.begin();
    },
    end: async () => {
      meter.end();
      await take(end);
    },
  });
  const stored = await settledCount(admin, load.acknowledged);
  return {
    load,
    storedPerSecond: ((end.stored - begin.stored) / (end.atMs - begin.atMs)) * 1000,
    stored,
    missing: load.acknowledged - stored,
    usage: meter.usage,
  };
}

/** Exact, by the primary key's table: the statistics lag too far behind for a rate. */
async function rowCount(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ count: string }>('SELECT count(*) AS count FROM bench_baseline');
  return Number(rows[0]?.count);
}

async function settledCount(admin: pg.Client, expected: number): Promise<number> {
  const giveUpMs = monotonicMs() + SETTLE_MS;
  for (;;) {
    const stored = await rowCount(admin);
    if (stored >= expected || monotonicMs() > giveUpMs) return stored;
    await sleep(500);
  }
}

async function startBroker(dir: string, port: number): Promise<ChildProcess> {
  const file = join(dir, 'mosquitto.conf');
  const lines = [
    `listener ${port} 127.0.0.1`,
    'allow_anonymous true',
    'set_tcp_nodelay true',
    'max_inflight_messages 4000',
    `max_queued_messages ${BROKER_QUEUE_MESSAGES}`,
    'log_type error',
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  const broker = spawn('mosquitto', ['-c', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const failed = new Promise<never>((_, reject) => {
    broker.once('error', reject);
    broker.once('exit', (code) => reject(new Error(`mosquitto ended with code ${code}`)));
  });
  await within(START_DEADLINE_MS, 'mosquitto did not start', Promise.race([failed, accepting(port)]));
  return broker;
}

async function accepting(port: number): Promise<void> {
  const giveUpMs = monotonicMs() + START_DEADLINE_MS;
  while (monotonicMs() < giveUpMs) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: '127.0.0.1', port });
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return;
    await sleep(50);
  }
}

async function startPipeline(port: number, connectionString: string): Promise<ChildProcess> {
  const child = fork(PIPELINE, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const subscribed = new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`baseline subscriber exited with code ${code}`)));
  });
  child.send({ port, connectionString });
  await within(START_DEADLINE_MS, 'baseline subscriber did not subscribe', subscribed);
  return child;
}
