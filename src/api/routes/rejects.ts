import type { Api } from '../../lib/http-app.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import type { ApiContext } from '../context.ts';
import { StrictRejectsQuery } from '../queries.ts';
import { readRejects } from '../rejects-store.ts';
import { RejectsBody } from '../schemas.ts';

/** GET /api/rejects: messages that were refused, and why. */
export function rejectsRoute(app: Api, { db }: ApiContext): void {
  app.get(
    '/api/rejects',
    {
      schema: {
        tags: ['fleet'],
        summary: 'Refused messages with their reasons, newest first',
        querystring: StrictRejectsQuery,
        response: { 200: RejectsBody, 400: ErrorBody, 503: ErrorBody },
      },
    },
    async ({ query }) => readRejects(db, query.reason ?? null, query.limit),
  );
}
