/** Connections to whichever of the nodes can be written to, found by trying both at once. */
import pg from 'pg';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { pause, within } from '../../src/lib/clock.ts';
import { HOST, NODES, type NodeName } from './settings.ts';

/** While the leader is sought: a node that does not answer is tried again. */
const SEEK_LIMIT_MS = 500;
const CONNECT_LIMIT_MS = 5_000;
/** A commit that waits longer than this for its standby counts as a dead connection. */
const QUERY_LIMIT_MS = 10_000;
const RETRY_PAUSE_MS = 10;
const END_LIMIT_MS = 2_000;

const Writable = Type.Object({ writable: Type.Boolean() });

export type Login = {
  readonly user: string;
  readonly password: string;
  readonly postgresPorts: Readonly<Record<NodeName, number>>;
};

export function clientFor(
  { user, password, postgresPorts }: Login,
  node: NodeName,
  connectLimitMs = CONNECT_LIMIT_MS,
): pg.Client {
  const client = new pg.Client({
    host: HOST,
    port: postgresPorts[node],
    user,
    password,
    database: 'postgres',
    application_name: 'tier0-bench-patroni',
    connectionTimeoutMillis: connectLimitMs,
    query_timeout: QUERY_LIMIT_MS,
  });
  // Whoever uses it learns of its end from the query; an idle one's end is told by `end`.
  client.on('error', () => {});
  return client;
}

export type Found = { readonly node: NodeName; readonly client: pg.Client };

/**
 * The first node that says it can be written to; both are tried without pause, each on its own, so that one
 * that hangs does not delay the other. null when the signal aborts first.
 */
export function findWritable(login: Login, signal: AbortSignal): Promise<Found | null> {
  const over = new AbortController();
  const until = AbortSignal.any([signal, over.signal]);
  return new Promise((resolve) => {
    const seek = async (node: NodeName): Promise<void> => {
      while (!until.aborted) {
        const client = clientFor(login, node, SEEK_LIMIT_MS);
        if ((await becomesWritable(client, until)) && !until.aborted) {
          over.abort();
          resolve({ node, client });
          return;
        }
        void endQuietly(client);
        await pause(RETRY_PAUSE_MS, until);
      }
    };
    void Promise.all(NODES.map(seek)).then(() => resolve(null));
  });
}

/** Asks again on the same connection while it is a standby's: a new one each time would load the machine. */
async function becomesWritable(client: pg.Client, until: AbortSignal): Promise<boolean> {
  try {
    await client.connect();
    while (!until.aborted) {
      const { rows } = await client.query(
        `SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS writable`,
      );
      if (Value.Parse(Writable, rows[0]).writable) return true;
      await pause(RETRY_PAUSE_MS, until);
    }
    return false;
  } catch {
    // Refused, cut or too slow: not writable now, and tried again.
    return false;
  }
}

/** Ends a connection that may be dead already, and then need not say that it has ended. */
export async function endQuietly(client: pg.Client): Promise<void> {
  await within(END_LIMIT_MS, 'the connection does not end', client.end()).catch(() => {});
}
