/** The shapes of the access log's API: what is asked, and what is answered. Times are ISO 8601 in UTC. */
import { type Static, type TProperties, Type } from 'typebox';
import { Nullable } from '../lib/schema.ts';

const strict = <P extends TProperties>(properties: P) =>
  Type.Object(properties, { additionalProperties: false });

/** A NUL cannot be a PostgreSQL text. */
const Text = (maxLength: number, description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength, pattern: '^[^\\u0000]*$', description }));

const Filters = {
  ip_address: Text(255, "The client's address or host name, exactly"),
  status_code: Type.Optional(
    Type.String({ pattern: '^[1-5]([0-9][0-9]|xx)$', description: '404, or a class: 4xx' }),
  ),
  method: Type.Optional(Type.String({ pattern: '^([A-Za-z]{1,32}|-)$', description: '-: not readable' })),
  path: Text(600, 'Part of the path and query, any case'),
  search: Text(200, 'Part of the path, the address, the referer or the user agent, any case'),
  source: Text(255, 'front-door, or the name of an imported file'),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'Default: the oldest entry' })),
  to: Type.Optional(
    Type.String({ format: 'date-time', description: 'Not included; default: the newest entry' }),
  ),
};
const Limit = (initial: number, maximum: number) => Type.Integer({ minimum: 1, maximum, default: initial });

export const LogsQuery = strict({
  ...Filters,
  limit: Limit(100, 1_000),
  offset: Type.Integer({ minimum: 0, maximum: 100_000, default: 0 }),
});
export const LogFilters = strict(Filters);
export type LogFilters = Static<typeof LogFilters>;

const LogEntry = Type.Object({
  id: Type.String(),
  at: Type.String(),
  source: Type.String(),
  ip_address: Type.String(),
  user: Nullable(Type.String()),
  method: Type.String(),
  path: Type.String(),
  protocol: Type.String(),
  status_code: Type.Integer(),
  bytes: Type.Integer(),
  referer: Nullable(Type.String()),
  user_agent: Nullable(Type.String()),
  duration_ms: Nullable(Type.Number()),
});
export type LogEntry = Static<typeof LogEntry>;

/** Newest first. */
export const LogsBody = Type.Object({
  total: Type.Integer({ description: 'Matching entries, counted up to 100000' }),
  total_is_minimum: Type.Boolean({ description: 'There are more than `total`' }),
  limit: Type.Integer(),
  offset: Type.Integer(),
  logs: Type.Array(LogEntry),
});
export type LogsBody = Static<typeof LogsBody>;

export const TopAddressesQuery = strict({ ...Filters, limit: Limit(10, 100) });
/** Addresses with the most errors first. Errors are answers of 400 and more. */
export const TopAddressesBody = Type.Object({
  errors: Type.Integer({ description: 'Of all addresses' }),
  addresses: Type.Array(
    Type.Object({
      ip_address: Type.String(),
      errors: Type.Integer(),
      client_errors: Type.Integer(),
      server_errors: Type.Integer(),
      share: Type.Number({ description: 'Of all errors, 0 to 1' }),
      top_paths: Type.Array(Type.Object({ path: Type.String(), errors: Type.Integer() })),
    }),
  ),
});
export type TopAddressesBody = Static<typeof TopAddressesBody>;

export const StatusesBody = Type.Object({
  statuses: Type.Array(Type.Object({ status_code: Type.Integer(), requests: Type.Integer() })),
});
export type StatusesBody = Static<typeof StatusesBody>;

export const TopPathsQuery = strict({
  ...Filters,
  limit: Limit(10, 100),
  order: Type.Union([Type.Literal('requests'), Type.Literal('errors')], { default: 'requests' }),
});
/** Without their query strings. */
export const TopPathsBody = Type.Object({
  paths: Type.Array(
    Type.Object({
      path: Type.String(),
      requests: Type.Integer(),
      errors: Type.Integer(),
      bytes: Type.Integer(),
    }),
  ),
});
export type TopPathsBody = Static<typeof TopPathsBody>;

export const LogTimelineQuery = strict({
  ...Filters,
  points: Type.Integer({ minimum: 2, maximum: 500, default: 120, description: 'Buckets at most' }),
});
/** Columns, one entry a bucket; empty ones are there. */
export const LogTimelineBody = Type.Object({
  from: Nullable(Type.String({ description: 'null: there are no entries' })),
  to: Nullable(Type.String()),
  bucket_s: Type.Number(),
  timestamps: Type.Array(Type.Number({ description: 'Unix seconds, start of the bucket' })),
  success: Type.Array(Type.Integer({ description: 'Answers below 300' })),
  redirect: Type.Array(Type.Integer()),
  client_error: Type.Array(Type.Integer()),
  server_error: Type.Array(Type.Integer()),
});
export type LogTimelineBody = Static<typeof LogTimelineBody>;
