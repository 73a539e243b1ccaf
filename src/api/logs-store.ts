/** The access log: search and aggregates. Every text that comes from outside is a parameter. */

import type { Database } from '../lib/bounded-leader.ts';
import { SqlFilter } from '../lib/sql-filter.ts';
import type {
  LogEntry,
  LogFilters,
  LogsBody,
  LogTimelineBody,
  StatusesBody,
  TopAddressesBody,
  TopPathsBody,
} from './log-schemas.ts';

const TOTAL_MAX = 100_000;
const TOP_PATHS_OF_ADDRESS = 3;

function filterOf(query: LogFilters): SqlFilter {
  const filter = new SqlFilter();
  filter.add(query.ip_address, (value) => `remote = ${value}`);
  filter.add(query.method?.toUpperCase(), (value) => `method = ${value}`);
  filter.add(query.path, (value) => `strpos(lower(path), lower(${value})) > 0`);
  filter.add(query.source, (value) => `source = ${value}`);
  filter.add(query.from, (value) => `at >= ${value}::timestamptz`);
  filter.add(query.to, (value) => `at < ${value}::timestamptz`);
  filter.add(query.search, (value) => {
    const text = "concat_ws(' ', path, remote, referer, user_agent)";
    return `strpos(lower(${text}), lower(${value})) > 0`;
  });
  const status = query.status_code;
  if (status?.endsWith('xx') === true) {
    const first = Number(status[0]) * 100;
    filter.add(first, (value) => `status >= ${value}`);
    filter.add(first + 100, (value) => `status < ${value}`);
  } else if (status !== undefined) {
    filter.add(Number(status), (value) => `status = ${value}`);
  }
  return filter;
}

type EntryRow = Omit<LogEntry, 'at'> & { at: Date };

/** Newest first. Throws UnavailableError. */
export async function readLogs(
  db: Database,
  query: LogFilters & { readonly limit: number; readonly offset: number },
): Promise<LogsBody> {
  const { limit, offset } = query;
  const filter = filterOf(query);
  const counted = await db.query<{ total: number }>(
    `SELECT count(*)::integer AS total
     FROM (SELECT FROM access_log WHERE ${filter.sql} LIMIT ${TOTAL_MAX + 1}) AS matching`,
    filter.values,
  );
  const total = counted.rows[0]?.total ?? 0;
  const { rows } = await db.query<EntryRow>(
    `SELECT entry_id::text AS id, at, source, remote AS ip_address, user_name AS user, method, path, protocol,
            status AS status_code, bytes::float8 AS bytes, referer, user_agent,
            round(seconds::numeric * 1000, 1)::float8 AS duration_ms
     FROM access_log WHERE ${filter.sql}
     ORDER BY at DESC, entry_id LIMIT ${filter.parameter(limit)} OFFSET ${filter.parameter(offset)}`,
    filter.values,
  );
  return {
    total: Math.min(total, TOTAL_MAX),
    total_is_minimum: total > TOTAL_MAX,
    limit,
    offset,
    logs: rows.map((row) => ({ ...row, at: row.at.toISOString() })),
  };
}

type AddressRow = TopAddressesBody['addresses'][number] & { all_errors: number };

/** Which addresses cause the most errors, and what they hit. */
export async function readTopAddresses(
  db: Database,
  query: LogFilters & { readonly limit: number },
): Promise<TopAddressesBody> {
  const filter = filterOf(query);
  const { rows } = await db.query<AddressRow>(
    `WITH ranked AS MATERIALIZED (
       SELECT remote, count(*) AS errors, count(*) FILTER (WHERE status >= 500) AS server_errors,
              sum(count(*)) OVER () AS all_errors
       FROM access_log WHERE status >= 400 AND ${filter.sql}
       GROUP BY remote ORDER BY errors DESC, remote LIMIT ${filter.parameter(query.limit)}
     )
     SELECT remote AS ip_address, errors::integer, (errors - server_errors)::integer AS client_errors,
            server_errors::integer, (errors / all_errors)::float8 AS share, all_errors::integer,
            (SELECT json_agg(top) FROM (
               SELECT path, count(*)::integer AS errors FROM access_log
               WHERE access_log.remote = ranked.remote AND status >= 400 AND ${filter.sql}
               GROUP BY path ORDER BY count(*) DESC, path LIMIT ${TOP_PATHS_OF_ADDRESS}) AS top) AS top_paths
     FROM ranked ORDER BY ranked.errors DESC, remote`,
    filter.values,
  );
  return {
    errors: rows[0]?.all_errors ?? 0,
    addresses: rows.map(({ all_errors: _, ...address }) => address),
  };
}

export async function readStatuses(db: Database, query: LogFilters): Promise<StatusesBody> {
  const filter = filterOf(query);
  const { rows } = await db.query<StatusesBody['statuses'][number]>(
    `SELECT status::integer AS status_code, count(*)::integer AS requests
     FROM access_log WHERE ${filter.sql} GROUP BY status ORDER BY status`,
    filter.values,
  );
  return { statuses: rows };
}

export async function readTopPaths(
  db: Database,
  query: LogFilters & { readonly limit: number; readonly order: 'requests' | 'errors' },
): Promise<TopPathsBody> {
  const filter = filterOf(query);
  const { rows } = await db.query<TopPathsBody['paths'][number]>(
    `SELECT split_part(path, '?', 1) AS path, count(*)::integer AS requests,
            (count(*) FILTER (WHERE status >= 400))::integer AS errors, sum(bytes)::float8 AS bytes
     FROM access_log WHERE ${filter.sql} GROUP BY 1
     ORDER BY ${query.order === 'errors' ? 'errors' : 'requests'} DESC, path LIMIT ${filter.parameter(query.limit)}`,
    filter.values,
  );
  return { paths: rows };
}

/** Widths of buckets in seconds that people read easily. */
const BUCKETS_S = [
  1, 5, 10, 30, 60, 300, 600, 1_800, 3_600, 10_800, 21_600, 43_200, 86_400, 604_800, 2_592_000,
];

type TimelineRow = { bucket: number; class: number; requests: number };

/** How many requests of each kind there were over time. */
export async function readTimeline(
  db: Database,
  query: LogFilters & { readonly points: number },
): Promise<LogTimelineBody> {
  const filter = filterOf(query);
  const bounds = await db.query<{ first: Date | null; last: Date | null }>(
    `SELECT min(at) AS first, max(at) AS last FROM access_log WHERE ${filter.sql}`,
    filter.values,
  );
  const { first = null, last = null } = bounds.rows[0] ?? {};
  if (first === null || last === null) {
    const none: number[] = [];
    return {
      ...{ from: null, to: null, bucket_s: 1, timestamps: none },
      ...{ success: none, redirect: none, client_error: none, server_error: none },
    };
  }
  const from = query.from === undefined ? first : new Date(query.from);
  const to = query.to === undefined ? new Date(last.getTime() + 1) : new Date(query.to);
  const bucketS = bucketWidth(from, to, query.points);
  const { rows } = await db.query<TimelineRow>(
    `SELECT (floor(extract(epoch FROM at) / ${filter.parameter(bucketS)}::float8))::float8 AS bucket,
            (status / 100)::integer AS class, count(*)::integer AS requests
     FROM access_log WHERE ${filter.sql} GROUP BY 1, 2`,
    filter.values,
  );
  return {
    from: from.toISOString(),
    to: to.toISOString(),
    bucket_s: bucketS,
    ...columns(rows, from, to, bucketS),
  };
}

/** The number of the bucket in which the interval begins, counted from 1970, and how many it touches. */
function bucketsOf(from: Date, to: Date, bucketS: number): { start: number; length: number } {
  const start = Math.floor(from.getTime() / 1_000 / bucketS);
  return { start, length: Math.max(1, Math.ceil(to.getTime() / 1_000 / bucketS) - start) };
}

function bucketWidth(from: Date, to: Date, points: number): number {
  const fits = (width: number): boolean => bucketsOf(from, to, width).length <= points;
  const days = (to.getTime() - from.getTime()) / 86_400_000;
  return BUCKETS_S.find(fits) ?? Math.ceil(days / (points - 1)) * 86_400;
}

function columns(rows: readonly TimelineRow[], from: Date, to: Date, bucketS: number) {
  const { start, length } = bucketsOf(from, to, bucketS);
  const zeros = (): number[] => new Array<number>(length).fill(0);
  const [success, redirect, clientError, serverError] = [zeros(), zeros(), zeros(), zeros()];
  for (const row of rows) {
    const column = [success, success, success, redirect, clientError, serverError][row.class];
    const place = row.bucket - start;
    if (column !== undefined && place >= 0 && place < length)
      column[place] = (column[place] ?? 0) + row.requests;
  }
  return {
    timestamps: success.map((_, place) => (start + place) * bucketS),
    success,
    redirect,
    client_error: clientError,
    server_error: serverError,
  };
}
