/**
 * The way of user events through the quorum queue: how many are confirmed a second, and how many are committed in
 * PostgreSQL a second, of an instance that runs. Ends with the ledger.
 *   node bench/queue.ts [--data-dir DIR] [--port-offset N] [--seconds 20] [--window 4000]
 * Two connections, one to each region's node, together with at most `window` messages that are not confirmed yet.
 * The events are logins and logouts of 5,000 sessions. The client is amqplib, not the product's own: it writes what is
 * published in one turn of the loop at once, and takes half of the processor for it. Both cores are full in this
 * measurement, and what the generator takes is missing where it is measured.
 */
import { randomUUID } from 'node:crypto';
import { type ConfirmChannel, connect } from 'amqplib';
import pg from 'pg';
import { monotonicMs, sleep, wallMs } from '../src/lib/clock.ts';
import { Histogram } from '../src/lib/histogram.ts';
import { RABBITMQ_USER, USER_EVENTS } from '../src/lib/rabbitmq.ts';
import { readSecrets } from '../src/lib/secrets.ts';
import { DATA_REGIONS, topology } from '../src/lib/topology.ts';
import type { SessionEvent } from '../src/lib/user-events.ts';
import { MAX_USERS, userOf } from '../src/lib/users.ts';
import { wholeNumber } from '../src/supervisor/config.ts';
import { benchOptions, leaderDatabase } from './instance.ts';
import { fixed, table } from './table.ts';

const STORED_WAIT_MS = 120_000;
const POLL_MS = 250;
const CHUNK = 10_000;

type Sent = { confirmed: string[]; failed: number; readonly latency: Histogram };

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
    publishAll({ hostname: ports.host, port: ports[region].rabbitmq, password }, sent, until, window),
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

let number = 0;

function nextEvent(): SessionEvent {
  const no = (number++ % MAX_USERS) + 1;
  const user = userOf(no);
  const now = new Date(wallMs()).toISOString();
  const kind = Math.floor(number / MAX_USERS) % 2 === 0 ? 'login' : 'logout';
  const tail = String(no).padStart(12, '0');
  const { userId: user_id, username, region, siteId: site_id } = user;
  const session = { user_id, username, region, session_id: `bbbbbbbb-0000-0000-0000-${tail}` };
  const event = { kind, timestamp_utc: now, site_id, login_time: now, ip_address: '198.18.0.1' } as const;
  return { message_id: randomUUID(), ...event, ...session };
}

type Node = { readonly hostname: string; readonly port: number; readonly password: string };

/** Over a connection of its own, with half of the window. A connection that is lost is not made again. */
async function publishAll(
  { password, ...node }: Node,
  sent: Sent,
  until: AbortSignal,
  window: number,
): Promise<void> {
  const connection = await connect({ ...node, username: RABBITMQ_USER, password }, { noDelay: true });
  // What was published and is not confirmed then says so itself.
  connection.on('error', () => {});
  try {
    const channel = await connection.createConfirmChannel();
    channel.on('error', () => {});
    await keepPublishing(channel, sent, until, Math.floor(window / DATA_REGIONS.length));
  } finally {
    await connection.close().catch(() => {});
  }
}

/** Resolves when the time is over, or the channel, and everything that was published is confirmed or refused. */
function keepPublishing(
  channel: ConfirmChannel,
  sent: Sent,
  until: AbortSignal,
  window: number,
): Promise<void> {
  const returned = new Set<string>();
  channel.on('return', ({ properties }) => returned.add(String(properties.messageId)));
  return new Promise((resolve) => {
    let open = 0;
    const publish = (): void => {
      const event = nextEvent();
      const { message_id: messageId } = event;
      const beganMs = monotonicMs();
      const properties = { persistent: true, mandatory: true, contentType: 'application/json', messageId };
      open += 1;
      channel.publish('', USER_EVENTS, Buffer.from(JSON.stringify(event)), properties, (error: unknown) => {
        open -= 1;
        const isConfirmed = error === null && !returned.has(messageId);
        if (isConfirmed) {
          sent.confirmed.push(messageId);
          sent.latency.record(monotonicMs() - beganMs);
        } else {
          // Its outcome is unknown; it counts neither way.
          sent.failed += 1;
        }
        if (isConfirmed && !until.aborted) publish();
        else if (open === 0) resolve();
      });
    };
    for (let lane = 0; lane < window; lane++) publish();
  });
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
