import type { Api } from '../../lib/http-app.ts';
import { invalidField } from '../../lib/http-errors.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import type { ApiContext } from '../context.ts';
import {
  LogFilters,
  LogsBody,
  LogsQuery,
  LogTimelineBody,
  LogTimelineQuery,
  StatusesBody,
  TopAddressesBody,
  TopAddressesQuery,
  TopPathsBody,
  TopPathsQuery,
} from '../log-schemas.ts';
import { readLogs, readStatuses, readTimeline, readTopAddresses, readTopPaths } from '../logs-store.ts';

/** Throws HttpError 400 on an interval that holds nothing. */
function checked<Q extends LogFilters>(query: Q): Q {
  const { from, to } = query;
  if (from !== undefined && to !== undefined && Date.parse(from) >= Date.parse(to)) {
    throw invalidField('to', 'to must be later than from');
  }
  return query;
}

/** GET /api/logs and what stands below: the access log of the front door and of imported files. */
export function logRoutes(app: Api, { db }: ApiContext): void {
  const tags = ['logs'];
  const errors = { 400: ErrorBody, 503: ErrorBody };
  app.get(
    '/api/logs',
    {
      schema: {
        tags,
        summary: 'Access log entries, newest first',
        querystring: LogsQuery,
        response: { 200: LogsBody, ...errors },
      },
    },
    async ({ query }) => readLogs(db, checked(query)),
  );
  app.get(
    '/api/logs/addresses',
    {
      schema: {
        tags,
        summary: 'Which addresses cause the most errors, and what they hit',
        querystring: TopAddressesQuery,
        response: { 200: TopAddressesBody, ...errors },
      },
    },
    async ({ query }) => readTopAddresses(db, checked(query)),
  );
  app.get(
    '/api/logs/statuses',
    {
      schema: {
        tags,
        summary: 'Requests by status',
        querystring: LogFilters,
        response: { 200: StatusesBody, ...errors },
      },
    },
    async ({ query }) => readStatuses(db, checked(query)),
  );
  app.get(
    '/api/logs/paths',
    {
      schema: {
        tags,
        summary: 'Paths with the most requests, or the most errors',
        querystring: TopPathsQuery,
        response: { 200: TopPathsBody, ...errors },
      },
    },
    async ({ query }) => readTopPaths(db, checked(query)),
  );
  app.get(
    '/api/logs/timeline',
    {
      schema: {
        tags,
        summary: 'Requests over time by kind of answer',
        querystring: LogTimelineQuery,
        response: { 200: LogTimelineBody, ...errors },
      },
    },
    async ({ query }) => readTimeline(db, checked(query)),
  );
}
