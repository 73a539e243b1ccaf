import { wallMs } from '../../lib/clock.ts';
import type { Api } from '../../lib/http-app.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import {
  AvailabilityBody,
  AvailabilityTimelineBody,
  AvailabilityTimelineQuery,
  IncidentsBody,
  IncidentsQuery,
} from '../availability-schemas.ts';
import { readAvailability, readAvailabilityTimeline, readIncidents } from '../availability-store.ts';
import type { ApiContext } from '../context.ts';
import { NoQuery } from '../queries.ts';

/** GET /api/availability, its incidents and its timeline: what probes from outside the regions saw. */
export function availabilityRoutes(app: Api, { db }: ApiContext): void {
  const tags = ['availability'];
  const errors = { 400: ErrorBody, 503: ErrorBody };
  app.get(
    '/api/availability',
    {
      schema: {
        tags,
        summary:
          "What was observed of the promise, what may be claimed, and what is left of the year's budget",
        querystring: NoQuery,
        response: { 200: AvailabilityBody, ...errors },
      },
    },
    async () => readAvailability(db, wallMs()),
  );
  app.get(
    '/api/availability/incidents',
    {
      schema: {
        tags,
        summary: 'Times in which probes failed, newest first, with what each cost',
        querystring: IncidentsQuery,
        response: { 200: IncidentsBody, ...errors },
      },
    },
    async ({ query }) => readIncidents(db, query.limit),
  );
  app.get(
    '/api/availability/timeline',
    {
      schema: {
        tags,
        summary: "Bad and observed seconds over time, and what was left of the year's budget",
        querystring: AvailabilityTimelineQuery,
        response: { 200: AvailabilityTimelineBody, ...errors },
      },
    },
    async ({ query }) => readAvailabilityTimeline(db, query, wallMs()),
  );
}
