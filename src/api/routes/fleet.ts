import { monotonicMs, wallMs } from '../../lib/clock.ts';
import type { Api } from '../../lib/http-app.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import type { ApiContext } from '../context.ts';
import { NoQuery } from '../queries.ts';
import { Overview, SitesBody } from '../schemas.ts';

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
      await context.reads.live();
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
      await context.reads.live();
      return context.overview();
    },
  );
}
