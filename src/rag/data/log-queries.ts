/** The fixed queries of the access log. Each is bounded; counts fit a number. */
import type { ReadDatabase } from './intent.ts';
import { type LogFilter, MATCHES, valuesOf } from './log-filter.ts';

const TOP_PATHS_OF_ADDRESS = 3;
/** A percentile sorts what it is taken of, so it is taken of this many requests at most: the newest. */
export const TIMED_REQUESTS = 100_000;
/** Points of a line, about. */
const POINTS = 48;

type Filtered = { readonly filter: LogFilter; readonly rows: number };

export async function isEmpty(db: ReadDatabase): Promise<boolean> {
  const { rows } = await db.query('SELECT 1 AS one FROM access_log LIMIT 1', []);
  return rows.length === 0;
}

export type AddressRow = { address: string; requests: number; total: number; hits: string | null };

/** Addresses with the most matching requests, and what they asked for most: "/login (90), /admin (12)". */
export async function topAddresses(
  db: ReadDatabase,
  { filter, rows: limit }: Filtered,
): Promise<AddressRow[]> {
  const { rows } = await db.query<AddressRow>(
    `WITH ranked AS MATERIALIZED (
       SELECT remote, count(*) AS requests, sum(count(*)) OVER () AS total
       FROM access_log WHERE ${MATCHES} GROUP BY remote ORDER BY requests DESC, remote LIMIT $8
     )
     SELECT remote AS address, requests::float8, total::float8,
            (SELECT string_agg(path || ' (' || times || ')', ', ' ORDER BY times DESC, path) FROM (
               SELECT path, count(*) AS times FROM access_log
               WHERE access_log.remote = ranked.remote AND ${MATCHES}
               GROUP BY path ORDER BY times DESC, path LIMIT ${TOP_PATHS_OF_ADDRESS}) AS top) AS hits
     FROM ranked ORDER BY ranked.requests DESC, remote`,
    [...valuesOf(filter), limit],
  );
  return rows;
}

export type PathRow = { path: string; requests: number; errors: number; bytes: number | null };
export type PathOrder = 'requests' | 'errors' | 'bytes';

/** Paths without what follows a question mark. Bytes only when they order: without them an index knows the errors. */
export async function topPaths(
  db: ReadDatabase,
  { filter, rows: limit, order }: Filtered & { readonly order: PathOrder },
): Promise<PathRow[]> {
  const { rows } = await db.query<PathRow>(
    `SELECT split_part(path, '?', 1) AS path, sum(requests)::float8 AS requests, sum(errors)::float8 AS errors,
            sum(bytes)::float8 AS bytes
     FROM (SELECT path, count(*) AS requests, count(*) FILTER (WHERE status >= 400) AS errors,
                  sum(CASE WHEN $8::text = 'bytes' THEN bytes END) AS bytes
           FROM access_log WHERE ${MATCHES} GROUP BY path) AS whole
     GROUP BY 1
     ORDER BY CASE $8::text WHEN 'errors' THEN sum(errors) WHEN 'bytes' THEN sum(bytes) ELSE sum(requests) END DESC, 1
     LIMIT $9`,
    [...valuesOf(filter), order, limit],
  );
  return rows;
}

export type StatusRow = { status: number; requests: number };

export async function statuses(db: ReadDatabase, filter: LogFilter): Promise<StatusRow[]> {
  const { rows } = await db.query<StatusRow>(
    `SELECT status::integer AS status, count(*)::float8 AS requests FROM access_log WHERE ${MATCHES}
     GROUP BY status ORDER BY requests DESC, status LIMIT 600`,
    valuesOf(filter),
  );
  return rows;
}

/** How many requests match, and how many there are whatever their status. */
export async function countRequests(
  db: ReadDatabase,
  filter: LogFilter,
): Promise<{ readonly matching: number; readonly all: number }> {
  const count = async (which: LogFilter): Promise<number> => {
    const { rows } = await db.query<{ requests: number }>(
      `SELECT count(*)::float8 AS requests FROM access_log WHERE ${MATCHES}`,
      valuesOf(which),
    );
    return rows[0]?.requests ?? 0;
  };
  const matching = await count(filter);
  return { matching, all: filter.statuses === null ? matching : await count({ ...filter, statuses: null }) };
}

export async function countAddresses(db: ReadDatabase, filter: LogFilter): Promise<number> {
  const { rows } = await db.query<{ addresses: number }>(
    `SELECT count(*)::float8 AS addresses
     FROM (SELECT FROM access_log WHERE ${MATCHES} GROUP BY remote) AS different`,
    valuesOf(filter),
  );
  return rows[0]?.addresses ?? 0;
}

export type MethodRow = { method: string; requests: number; errors: number };

export async function methods(db: ReadDatabase, filter: LogFilter): Promise<MethodRow[]> {
  const { rows } = await db.query<MethodRow>(
    `SELECT method, count(*)::float8 AS requests, (count(*) FILTER (WHERE status >= 400))::float8 AS errors
     FROM access_log WHERE ${MATCHES} GROUP BY method ORDER BY requests DESC, method LIMIT 20`,
    valuesOf(filter),
  );
  return rows;
}

export type AgentRow = { agent: string; requests: number; errors: number };

export async function userAgents(db: ReadDatabase, { filter, rows: limit }: Filtered): Promise<AgentRow[]> {
  const { rows } = await db.query<AgentRow>(
    `SELECT left(coalesce(user_agent, '(none)'), 200) AS agent, sum(requests)::float8 AS requests,
            sum(errors)::float8 AS errors
     FROM (SELECT user_agent, count(*) AS requests, count(*) FILTER (WHERE status >= 400) AS errors
           FROM access_log WHERE ${MATCHES} GROUP BY user_agent) AS whole
     GROUP BY 1 ORDER BY sum(requests) DESC, 1 LIMIT $8`,
    [...valuesOf(filter), limit],
  );
  return rows;
}

export type SlowRow = { path: string; requests: number; avg_ms: number; p95_ms: number; max_ms: number };

/** Slowest on average first, of the newest TIMED_REQUESTS whose duration is known. */
export async function slowestPaths(db: ReadDatabase, { filter, rows: limit }: Filtered): Promise<SlowRow[]> {
  const { rows } = await db.query<SlowRow>(
    `SELECT split_part(path, '?', 1) AS path, count(*)::float8 AS requests,
            round(avg(seconds)::numeric * 1000, 1)::float8 AS avg_ms,
            round((percentile_cont(0.95) WITHIN GROUP (ORDER BY seconds))::numeric * 1000, 1)::float8 AS p95_ms,
            round(max(seconds)::numeric * 1000, 1)::float8 AS max_ms
     FROM (SELECT path, seconds FROM access_log WHERE seconds IS NOT NULL AND ${MATCHES}
           ORDER BY at DESC LIMIT ${TIMED_REQUESTS}) AS timed
     GROUP BY 1 ORDER BY avg_ms DESC, 1 LIMIT $8`,
    [...valuesOf(filter), limit],
  );
  return rows;
}

const WIDTHS_S = [60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000, 31_536_000];

export type Timeline = {
  readonly widthS: number;
  readonly points: readonly { readonly at: string; readonly requests: number; readonly errors: number }[];
};

/** Requests and errors by time, the empty times too; the width of a point in seconds follows from the interval. */
export async function timeline(db: ReadDatabase, filter: LogFilter, nowMs: number): Promise<Timeline> {
  const bounds = await db.query<{ first_s: number | null; last_s: number | null }>(
    `SELECT extract(epoch FROM min(at))::float8 AS first_s, extract(epoch FROM max(at))::float8 AS last_s
     FROM access_log WHERE ${MATCHES}`,
    valuesOf(filter),
  );
  const { first_s = null, last_s = null } = bounds.rows[0] ?? {};
  if (first_s === null || last_s === null) return { widthS: 60, points: [] };
  const { fromMs, toMs } = filter.window;
  const fromS = fromMs === null ? first_s : fromMs / 1_000;
  const toS = fromMs === null ? last_s : Math.max(last_s, Math.min(toMs ?? nowMs, nowMs) / 1_000 - 1);
  const widthS = WIDTHS_S.find((width) => (toS - fromS) / width <= POINTS) ?? 31_536_000;
  const { rows } = await db.query<{ at_s: number; requests: number; errors: number }>(
    `SELECT extract(epoch FROM bucket)::float8 AS at_s, requests::float8, errors::float8
     FROM (SELECT date_bin(make_interval(secs => $8), at, 'epoch') AS bucket, count(*) AS requests,
                  count(*) FILTER (WHERE status >= 400) AS errors
           FROM access_log WHERE ${MATCHES} GROUP BY 1) AS counted
     ORDER BY bucket LIMIT 1000`,
    [...valuesOf(filter), widthS],
  );
  const found = new Map(rows.map((row) => [Math.round(row.at_s / widthS), row]));
  const first = Math.floor(fromS / widthS);
  const length = Math.min(1_000, Math.floor(toS / widthS) - first + 1);
  const points = Array.from({ length }, (_, index) => {
    const { requests = 0, errors = 0 } = found.get(first + index) ?? {};
    return { at: new Date((first + index) * widthS * 1_000).toISOString(), requests, errors };
  });
  return { widthS, points };
}

export type EntryRow = { at: Date; address: string; method: string; path: string; status: number };

/** Newest first. */
export async function newestEntries(
  db: ReadDatabase,
  { filter, rows: limit }: Filtered,
): Promise<EntryRow[]> {
  const { rows } = await db.query<EntryRow>(
    `SELECT at, remote AS address, method, left(path, 200) AS path, status::integer AS status
     FROM access_log WHERE ${MATCHES} ORDER BY at DESC, entry_id LIMIT $8`,
    [...valuesOf(filter), limit],
  );
  return rows;
}
