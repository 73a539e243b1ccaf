/**
 * Events about users, as they go through the queue. How they are stored: user-event-store.ts.
 *
 * A session event says that somebody logged in or out. An activity is the report of a site's server: its load,
 * and who is on (design: domain.md).
 */
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

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
