/** The shapes of the users' API. Times are ISO 8601 in UTC. */
import { type Static, Type } from 'typebox';
import { Nullable } from '../lib/schema.ts';
import { UserStatus } from '../lib/user-events.ts';
import { SessionFields, UserPicture } from '../lib/user-picture.ts';
import { UserRegion } from '../lib/users.ts';

const MAX_SESSIONS = 5_000;

export const UsersQuery = Type.Object(
  {
    status: Type.Optional(UserStatus),
    region: Type.Optional(UserRegion),
    site_id: Type.Optional(Type.String({ minLength: 1, maxLength: 32 })),
    search: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 64,
        description: 'Part of the user name, the id or the address',
      }),
    ),
    limit: Type.Integer({ minimum: 1, maximum: MAX_SESSIONS, default: 100 }),
    offset: Type.Integer({ minimum: 0, maximum: 100_000, default: 0 }),
  },
  { additionalProperties: false },
);
export type UsersQuery = Static<typeof UsersQuery>;

/** Counts are of all open sessions, whatever the filter; `sessions` are those that match, the newest login first. */
export const UsersBody = Type.Object({
  at: Type.String({ description: 'When the picture was made' }),
  active_users: Type.Integer(),
  idle_users: Type.Integer(),
  total_sessions: Type.Integer({ description: 'Open: active or idle' }),
  active_connections: Type.Integer({ description: "Of all site servers' newest reports" }),
  regions: Type.Array(Type.Object({ region: Type.String(), active: Type.Integer(), idle: Type.Integer() })),
  sites: UserPicture.properties.sites,
  matching: Type.Integer({ description: 'Sessions that match the filter' }),
  limit: Type.Integer(),
  offset: Type.Integer(),
  sessions: UserPicture.properties.sessions,
});
export type UsersBody = Static<typeof UsersBody>;

export const UsersTimelineQuery = Type.Object(
  {
    minutes: Type.Integer({ minimum: 1, maximum: 1_440, default: 60 }),
    points: Type.Integer({ minimum: 2, maximum: 500, default: 120, description: 'Buckets at most' }),
  },
  { additionalProperties: false },
);
export type UsersTimelineQuery = Static<typeof UsersTimelineQuery>;
/** Columns, one entry a bucket; a bucket without a report of any site is null. Sums over the sites. */
export const UsersTimelineBody = Type.Object({
  from: Type.String(),
  step_s: Type.Integer(),
  active_users: Type.Array(Nullable(Type.Number())),
  active_connections: Type.Array(Nullable(Type.Number())),
  average_latency_ms: Type.Array(Nullable(Type.Number())),
});
export type UsersTimelineBody = Static<typeof UsersTimelineBody>;

/** POST /api/sessions. */
export const LoginBody = Type.Object(
  {
    username: Type.String({ minLength: 1, maxLength: 64 }),
    access_code: Type.String({ minLength: 1, maxLength: 64 }),
  },
  { additionalProperties: false },
);
export const SessionBody = Type.Object({
  ...SessionFields,
  stored_by: Type.Union([Type.Literal('queue'), Type.Literal('database')], {
    description: 'Who has the event: a majority of the queue, or, when that does not answer, the database',
  }),
});
export type SessionBody = Static<typeof SessionBody>;
