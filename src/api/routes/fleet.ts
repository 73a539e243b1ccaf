import { monotonicMs, wallMs } from '../../lib/clock.ts';
import type { Api, ApiContext } from '../context.ts';
import { requireLiveTable } from '../freshness.ts';
import { NoQuery } from '../queries.ts';
import { ErrorBody, Overview, SitesBody } from '../schemas.ts';

/** GET /api/sites and /api/overview: counts over the whole fleet. */
export function fleetRoutes(app: Api, context: ApiContext): void {
  app.get(
    '/api/sites',
    {
      schema: {
        tags: ['fleet'],
        summary: 'Counts of states by site and type',
        querystring: NoQuery,
        response: { 200: SitesBody, 503: ErrorBody },
      },
    },
    async () => {
      requireLiveTable(context);
      return { sites: context.counts.at(monotonicMs(), wallMs()).sites };
    },
  );
  app.get(
    '/api/overview',
    {
      schema: {
        tags: ['fleet'],
        summary: 'Fleet, ingest accounting, regions and storage',
        querystring: NoQuery,
        response: { 200: Overview, 503: ErrorBody },
      },
    },
    async () => {
      requireLiveTable(context);
      return context.overview();
    },
  );
}
