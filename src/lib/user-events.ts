/**
 * Events about users, as they go through the queue, and how they are stored: each once, however often it comes.
 *
 * A session event says that somebody logged in or out. An activity is the report of a site's server: its load,
 * and who is on (design: domain.md).
 */
import type { ClientBase } from 'pg';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';
import { watchSyncWait } from './sync-wait.ts';

const UUID = '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
const Id = Type.String({ pattern: UUID });
/** PostgreSQL refuses a NUL, and years that have no four digits are nobody's clock. */
const Moment = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z$' });
const Name = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000]*$' });

/** Idle: five minutes without a request. */
export const UserStatus = Type.Union([
  Type.Literal('active'),
  Type.Literal('idle'),
  Type.Literal('disconnected'),
]);
export type UserStatus = Static<typeof UserStatus>;

const Session = {
  user_id: Name(64),
  username: Name(64),
  session_id: Id,
  login_time: Moment,
  ip_address: Name(45),
  region: Name(32),
};

export const SessionEvent = Type.Object({
  message_id: Id,
  timestamp_utc: Moment,
  site_id: Name(32),
  kind: Type.Union([Type.Literal('login'), Type.Literal('logout')]),
  ...Session,
});
export type SessionEvent = Static<typeof SessionEvent>;

export const Activity = Type.Object({
  message_id: Id,
  timestamp_utc: Moment,
  site_id: Name(32),
  metrics: Type.Object({
    active_users: Type.Integer({ minimum: 0, maximum: 10_000_000 }),
    active_connections: Type.Integer({ minimum: 0, maximum: 10_000_000 }),
    server_cpu_pct: Type.Number({ minimum: 0, maximum: 100 }),
    server_memory_gb: Type.Number({ minimum: 0, maximum: 1e6 }),
    average_latency_ms: Type.Number({ minimum: 0, maximum: 1e9 }),
  }),
  active_users_list: Type.Array(
    Type.Object({
      ...Session,
      connection_status: UserStatus,
    }),
    { maxItems: 10_000 },
  ),
});
export type Activity = Static<typeof Activity>;
export type UserEvent = SessionEvent | Activity;

/** Compiled: thousands are checked a second. */
const sessionEvents = Compile(SessionEvent);
const activities = Compile(Activity);

/** Throws an error that names the first thing that is wrong. `body` is as it came from the queue. */
export function parseUserEvent(body: unknown): UserEvent {
  const value = Buffer.isBuffer(body) || typeof body === 'string' ? parseJson(String(body)) : body;
  if (typeof value !== 'object' || value === null) throw new Error('it is not a JSON object');
  const event = 'kind' in value ? checked(sessionEvents, value) : checked(activities, value);
  for (const moment of momentsOf(event)) {
    if (Number.isNaN(Date.parse(moment))) throw new Error(`${moment} is not a moment`);
  }
  return event;
}

/** What a compiled schema can do. */
type Checker<T> = {
  Check(value: unknown): value is T;
  Errors(value: unknown): readonly { readonly instancePath: string; readonly message: string }[];
};

function checked<T>(schema: Checker<T>, value: unknown): T {
  if (schema.Check(value)) return value;
  const [first] = schema.Errors(value);
  throw new Error(`${first?.instancePath.slice(1) || 'the message'} ${first?.message ?? 'is not valid'}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes what may be a megabyte of anything.
    throw new Error('it is not JSON');
  }
}

const momentsOf = (event: UserEvent): string[] => [
  event.timestamp_utc,
  ...('kind' in event ? [event.login_time] : event.active_users_list.map((user) => user.login_time)),
];

type SessionRow = Omit<Static<typeof SessionEvent>, 'message_id' | 'timestamp_utc' | 'kind'> & {
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

const EVENT_COLUMNS = `message_id, at, kind, site_id, session_id, active_users, active_connections, server_cpu_pct,
  server_memory_gb, average_latency_ms`;
/**
 * The state of a session is its newest event's: to see an event again, or late, changes nothing. Reports come every five
 * seconds and mostly say the same: that is written down twice a minute.
 */
const STORE = `
  WITH sessions AS (
    INSERT INTO user_session AS known
      (session_id, user_id, username, site_id, region, ip_address, login_at, status, changed_at)
    SELECT * FROM unnest($11::uuid[], $12::text[], $13::text[], $14::text[], $15::text[], $16::text[],
      $17::timestamptz[], $18::text[], $19::timestamptz[])
    ON CONFLICT (session_id) DO UPDATE SET status = EXCLUDED.status, changed_at = EXCLUDED.changed_at
    WHERE known.changed_at < EXCLUDED.changed_at
      AND (known.status <> EXCLUDED.status OR EXCLUDED.changed_at > known.changed_at + interval '30 seconds')
  )
  INSERT INTO user_event (${EVENT_COLUMNS})
  SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[], $6::integer[],
    $7::integer[], $8::real[], $9::real[], $10::real[])
  ON CONFLICT DO NOTHING`;

/** An array of PostgreSQL, of values that a schema has kept free of what would need quotes. */
const plainArray = (values: readonly (string | number | null)[]): string =>
  `{${values.map((value) => value ?? 'NULL').join(',')}}`;

/**
 * Stores those of a batch that were not stored yet, and says how many. One statement, so all or nothing; may be run
 * again. Throws UnavailableError when the commit is not known to be in the sync set.
 */
export function storeUserEvents(client: ClientBase, events: readonly UserEvent[]): Promise<number> {
  const metrics = (name: keyof Activity['metrics']): string =>
    plainArray(events.map((event) => ('metrics' in event ? event.metrics[name] : null)));
  const sessions = newestSessions(events);
  const values = [
    plainArray(events.map((event) => event.message_id)),
    plainArray(events.map((event) => event.timestamp_utc)),
    plainArray(events.map((event) => ('kind' in event ? event.kind : 'activity'))),
    events.map((event) => event.site_id),
    plainArray(events.map((event) => ('kind' in event ? event.session_id : null))),
    metrics('active_users'),
    metrics('active_connections'),
    metrics('server_cpu_pct'),
    metrics('server_memory_gb'),
    metrics('average_latency_ms'),
    plainArray(sessions.map((row) => row.session_id)),
    sessions.map((row) => row.user_id),
    sessions.map((row) => row.username),
    sessions.map((row) => row.site_id),
    sessions.map((row) => row.region),
    sessions.map((row) => row.ip_address),
    plainArray(sessions.map((row) => row.login_time)),
    plainArray(sessions.map((row) => row.status)),
    plainArray(sessions.map((row) => row.changed_at)),
  ];
  return watchSyncWait(client, async () => {
    const { rowCount } = await client.query({ name: 'store user events', text: STORE, values });
    return rowCount ?? 0;
  });
}
