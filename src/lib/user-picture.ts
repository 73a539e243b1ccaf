/** The live picture of the users: made from the database after a change, kept in Redis, answered by the API. */
import type { ClientBase } from 'pg';
import { type Static, Type } from 'typebox';
import { Compile } from 'typebox/compile';

/** In Redis; JSON of a UserPicture. */
export const PICTURE_KEY = 'tier0:users';

/** What is shown of a session, whatever becomes of it. */
export const SessionFields = {
  session_id: Type.String(),
  user_id: Type.String(),
  username: Type.String(),
  site_id: Type.String(),
  region: Type.String(),
  ip_address: Type.String(),
  login_time: Type.String(),
};
const SessionRow = Type.Object({ ...SessionFields, status: Type.String(), last_seen: Type.String() });

/** Open sessions and the newest report of each site. */
export const UserPicture = Type.Object({
  at: Type.String(),
  sessions: Type.Array(SessionRow),
  sites: Type.Array(
    Type.Object({
      site_id: Type.String(),
      at: Type.String(),
      active_users: Type.Integer(),
      active_connections: Type.Integer(),
      server_cpu_pct: Type.Number(),
      server_memory_gb: Type.Number(),
      average_latency_ms: Type.Number(),
    }),
  ),
});
export type UserPicture = Static<typeof UserPicture>;

const compiled = Compile(UserPicture);

/** Throws on a text of another form. Compiled: it is read twice a second, with thousands of sessions. */
export const parsePicture = (text: string): UserPicture => compiled.Parse(JSON.parse(text));

const ISO = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
/** Without the noise of four-byte floats. */
const ROUNDED = (column: string): string => `round(${column}::numeric, 2)::float8 AS ${column}`;
const SESSIONS = `
  SELECT session_id::text, user_id, username, site_id, region, ip_address, ${ISO('login_at')} AS login_time, status,
    ${ISO('changed_at')} AS last_seen
  FROM user_session WHERE NOT settled AND status <> 'disconnected' ORDER BY login_at DESC, session_id`;
const SITES = `
  SELECT DISTINCT ON (site_id) site_id, ${ISO('at')} AS at, active_users, active_connections,
    ${ROUNDED('server_cpu_pct')}, ${ROUNDED('server_memory_gb')}, ${ROUNDED('average_latency_ms')}
  FROM user_event WHERE kind = 'activity' AND user_event.at > now() - interval '2 minutes'
  ORDER BY site_id, user_event.at DESC`;

type Query = Pick<ClientBase, 'query'>;

export async function readPicture(db: Query, nowMs: number): Promise<UserPicture> {
  const sessions = await db.query<UserPicture['sessions'][number]>(SESSIONS);
  const sites = await db.query<UserPicture['sites'][number]>(SITES);
  return { at: new Date(nowMs).toISOString(), sessions: sessions.rows, sites: sites.rows };
}
