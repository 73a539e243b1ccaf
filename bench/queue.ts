/**
 * The way of user events through the quorum queue: how many are confirmed a second, and how many are committed in
 * PostgreSQL a second, of an instance that runs. Ends with the ledger.
 *   node bench/queue.ts [--data-dir DIR] [--port-offset N] [--seconds 20] [--window 4000]
 * Two connections, one to each region's node, together with at most `window` messages that are not confirmed yet.
 */
import pg from 'pg';
import { monotonicMs, sleep } from '../src/lib/clock.ts';
import { Histogram } from '../src/lib/histogram.ts';
import { readSecrets } from '../src/lib/secrets.ts';
import { DATA_REGIONS, topology } from '../src/lib/topology.ts';
import { wholeNumber } from '../src/supervisor/config.ts';
import { publishEvents, type Sent } from './event-publisher.ts';
import { benchOptions, leaderDatabase } from './instance.ts';
import { fixed, table } from './table.ts';

const STORED_WAIT_MS = 120_000;
const POLL_MS = 250;
const CHUNK = 10_000;

export async function run(args: string[]): Promise<number> {
  const { dataDir, portOffset, given } = benchOptions(args, ['seconds', 'window']);
  const seconds = wholeNumber('--seconds', given.seconds, 20, 1, 3_600);
  const window = wholeNumber('--window', given.window, 4_000, 2, 100_000);
  const { password } = readSecrets(dataDir).rabbitmq;
  const ports = topology(portOffset);
  const sent: Sent = { confirmed: [], failed: 0, latency: new Histogram() };
  const startedMs = monotonicMs();
  const until = AbortSignal.timeout(seconds * 1000);
  const lanes = DATA_REGIONS.map((region) =>
    publishEvents(
      { hostname: ports.host, port: ports[region].rabbitmq, password },
      sent,
      until,
      Math.floor(window / DATA_REGIONS.length),
    ),
  );
  await Promise.all(lanes);
  const sentS = (monotonicMs() - startedMs) / 1000;
  const stored = await waitUntilStored(dataDir, portOffset, sent.confirmed);
  const storedS = (monotonicMs() - startedMs) / 1000;
  const { confirmed, failed, latency } = sent;
  const row = [
    fixed(confirmed.length / sentS, 0),
    fixed(stored / storedS, 0),
    fixed(latency.quantileMs(0.5), 1),
    fixed(latency.quantileMs(0.99), 1),
    String(confirmed.length),
    String(confirmed.length - stored),
    String(failed),
  ];
  const head = ['confirmed/s', 'stored/s', 'p50 ms', 'p99 ms', 'confirmed', 'lost', 'not confirmed'];
  process.stdout.write(`${table(head, [row])}\n`);
  return stored === confirmed.length ? 0 : 1;
}

/** How many of them are stored once all are, or the wait is over. */
async function waitUntilStored(dataDir: string, portOffset: number, ids: readonly string[]): Promise<number> {
  const client = new pg.Client({ connectionString: await leaderDatabase(dataDir, portOffset) });
  await client.connect();
  try {
    const deadlineMs = monotonicMs() + STORED_WAIT_MS;
    for (;;) {
      // The last ones first: counting all of them is work for the server that is measured.
      const tail = await countStored(client, ids.slice(-CHUNK));
      if (tail === Math.min(CHUNK, ids.length) || monotonicMs() > deadlineMs) break;
      await sleep(POLL_MS);
    }
    let stored = 0;
    for (let from = 0; from < ids.length; from += CHUNK)
      stored += await countStored(client, ids.slice(from, from + CHUNK));
    return stored;
  } finally {
    await client.end();
  }
}

async function countStored(client: pg.Client, ids: readonly string[]): Promise<number> {
  const { rows } = await client.query<{ stored: number }>(
    'SELECT count(*)::integer AS stored FROM user_event WHERE message_id = ANY($1::uuid[])',
    [ids],
  );
  return rows[0]?.stored ?? 0;
}
