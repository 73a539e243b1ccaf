/** What site servers have reported over time. */
import type { Database } from '../lib/bounded-leader.ts';
import type { UsersTimelineBody, UsersTimelineQuery } from './user-schemas.ts';

const MIN_STEP_S = 5;

type Row = { bucket: number; users: number; connections: number; latency: number };

/**
 * Sums over the sites of each site's mean in a bucket, so that a site that reports twice in one counts once. Buckets
 * begin at multiples of their width. Throws UnavailableError.
 */
export async function readUsersTimeline(
  db: Database,
  { minutes, points }: UsersTimelineQuery,
  nowMs: number,
): Promise<UsersTimelineBody> {
  const step = Math.max(MIN_STEP_S, Math.ceil((minutes * 60) / points));
  const first = Math.ceil((nowMs / 1000 - minutes * 60) / step);
  const last = Math.floor(nowMs / 1000 / step);
  const { rows } = await db.query<Row>(
    `SELECT bucket::integer, sum(users)::float8 AS users, sum(connections)::float8 AS connections,
       avg(latency)::float8 AS latency
     FROM (
       SELECT floor(extract(epoch FROM at) / $1::integer) AS bucket, site_id, avg(active_users) AS users,
         avg(active_connections) AS connections, avg(average_latency_ms) AS latency
       FROM user_event WHERE kind = 'activity' AND at >= to_timestamp($2::float8) AND at < to_timestamp($3::float8)
       GROUP BY 1, 2
     ) AS site GROUP BY 1`,
    [step, first * step, (last + 1) * step],
  );
  const empty = (): (number | null)[] => Array.from({ length: last - first + 1 }, () => null);
  const body = { active_users: empty(), active_connections: empty(), average_latency_ms: empty() };
  for (const { bucket, users, connections, latency } of rows) {
    body.active_users[bucket - first] = Math.round(users);
    body.active_connections[bucket - first] = Math.round(connections);
    body.average_latency_ms[bucket - first] = Math.round(latency * 10) / 10;
  }
  return { from: new Date(first * step * 1000).toISOString(), step_s: step, ...body };
}
