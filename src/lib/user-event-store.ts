/** How events about users are stored: each once, however often it comes. */
import type { ClientBase } from 'pg';
import { copied, copyRows, isDuplicate } from './copy-rows.ts';
import { watchSyncWait } from './sync-wait.ts';
import { transaction } from './transaction.ts';
import type { Activity, SessionEvent, UserEvent, UserStatus } from './user-events.ts';

type SessionRow = Omit<SessionEvent, 'message_id' | 'timestamp_utc' | 'kind'> & {
  readonly status: UserStatus;
  readonly changed_at: string;
};

function sessionsOf(event: UserEvent): SessionRow[] {
  const { timestamp_utc: changed_at, site_id } = event;
  if ('kind' in event) {
    const { user_id, username, session_id, login_time, ip_address, region } = event;
    const status = event.kind === 'login' ? 'active' : 'disconnected';
    return [{ user_id, username, session_id, login_time, ip_address, region, site_id, status, changed_at }];
  }
  return event.active_users_list.map(({ connection_status: status, ...session }) => ({
    ...session,
    site_id,
    status,
    changed_at,
  }));
}

/** The newest row of each session, in one order for everybody who stores, so that two cannot wait for each other. */
function newestSessions(events: readonly UserEvent[]): SessionRow[] {
  const newest = new Map<string, SessionRow>();
  for (const row of events.flatMap(sessionsOf)) {
    const known = newest.get(row.session_id);
    if (known === undefined || Date.parse(known.changed_at) <= Date.parse(row.changed_at))
      newest.set(row.session_id, row);
  }
  return [...newest.values()].sort((a, b) => (a.session_id < b.session_id ? -1 : 1));
}

/**
 * The state of a session is its newest event's: to see an event again, or late, changes nothing. Reports come every five
 * seconds and mostly say the same: that is written down twice a minute. No index has a column that this changes often,
 * so that the new version of a row stays in its page (PostgreSQL: heap-only tuples).
 */
const STORE_SESSIONS = `
  INSERT INTO user_session AS known
    (session_id, user_id, username, site_id, region, ip_address, login_at, status, changed_at)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
    $7::timestamptz[], $8::text[], $9::timestamptz[])
  ON CONFLICT (session_id) DO UPDATE SET status = EXCLUDED.status, changed_at = EXCLUDED.changed_at, settled = false
  WHERE known.changed_at < EXCLUDED.changed_at
    AND (known.status <> EXCLUDED.status OR EXCLUDED.changed_at > known.changed_at + interval '30 seconds')`;

const EVENT_COLUMNS = `message_id, at, kind, site_id, session_id, active_users, active_connections, server_cpu_pct,
  server_memory_gb, average_latency_ms`;
const STORE = `
  WITH sessions AS (${STORE_SESSIONS})
  INSERT INTO user_event (${EVENT_COLUMNS})
  SELECT * FROM unnest($10::uuid[], $11::timestamptz[], $12::text[], $13::text[], $14::uuid[], $15::integer[],
    $16::integer[], $17::real[], $18::real[], $19::real[])
  ON CONFLICT DO NOTHING`;
const COPY = `COPY user_event (${EVENT_COLUMNS}) FROM STDIN`;
/** From so many on, four statements with COPY cost less than one without. */
const COPY_FROM = 32;

/** An array of PostgreSQL, of values that a schema has kept free of what would need quotes. */
const plainArray = (values: readonly (string | number | null)[]): string =>
  `{${values.map((value) => value ?? 'NULL').join(',')}}`;

/** The same of texts, which a schema has kept free of NUL. */
const textArray = (values: readonly string[]): string => `{${values.map(quoted).join(',')}}`;
const quoted = (text: string): string => `"${/["\\]/.test(text) ? text.replace(/["\\]/g, '\\$&') : text}"`;

/**
 * Stores those of a batch that were not stored yet, and says how many. All or nothing; may be run again. Throws
 * UnavailableError when the commit is not known to be in the sync set.
 */
export function storeUserEvents(client: ClientBase, events: readonly UserEvent[]): Promise<number> {
  return watchSyncWait(client, async () => {
    if (events.length >= COPY_FROM) {
      try {
        return await copyEvents(client, events);
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
    }
    return storeUnknown(client, events);
  });
}

/** Fails when one is stored already, or comes twice. */
function copyEvents(client: ClientBase, events: readonly UserEvent[]): Promise<number> {
  return transaction(client, async () => {
    await copyRows(client, COPY, events.map(copyRow).join(''));
    // Last: another batch about the same sessions waits from here to the commit.
    await client.query({ name: 'store sessions', text: STORE_SESSIONS, values: sessionArrays(events) });
    return events.length;
  });
}

async function storeUnknown(client: ClientBase, events: readonly UserEvent[]): Promise<number> {
  const metrics = (name: keyof Activity['metrics']): string =>
    plainArray(events.map((event) => ('metrics' in event ? event.metrics[name] : null)));
  const values = [
    ...sessionArrays(events),
    plainArray(events.map((event) => event.message_id)),
    plainArray(events.map((event) => event.timestamp_utc)),
    plainArray(events.map(kindOf)),
    textArray(events.map((event) => event.site_id)),
    plainArray(events.map((event) => ('kind' in event ? event.session_id : null))),
    metrics('active_users'),
    metrics('active_connections'),
    metrics('server_cpu_pct'),
    metrics('server_memory_gb'),
    metrics('average_latency_ms'),
  ];
  const { rowCount } = await client.query({ name: 'store user events', text: STORE, values });
  return rowCount ?? 0;
}

function sessionArrays(events: readonly UserEvent[]): string[] {
  const sessions = newestSessions(events);
  return [
    plainArray(sessions.map((row) => row.session_id)),
    textArray(sessions.map((row) => row.user_id)),
    textArray(sessions.map((row) => row.username)),
    textArray(sessions.map((row) => row.site_id)),
    textArray(sessions.map((row) => row.region)),
    textArray(sessions.map((row) => row.ip_address)),
    plainArray(sessions.map((row) => row.login_time)),
    plainArray(sessions.map((row) => row.status)),
    plainArray(sessions.map((row) => row.changed_at)),
  ];
}

const kindOf = (event: UserEvent): string => ('kind' in event ? event.kind : 'activity');

function copyRow(event: UserEvent): string {
  const what = `${event.message_id}\t${event.timestamp_utc}\t${kindOf(event)}\t${copied(event.site_id)}`;
  if ('kind' in event) return `${what}\t${event.session_id}\t\\N\t\\N\t\\N\t\\N\t\\N\n`;
  const { metrics } = event;
  const figures = [
    metrics.active_users,
    metrics.active_connections,
    metrics.server_cpu_pct,
    metrics.server_memory_gb,
    metrics.average_latency_ms,
  ];
  return `${what}\t\\N\t${figures.join('\t')}\n`;
}
