import { Type } from 'typebox';
import type { Api } from '../../lib/http-app.ts';
import type { ApiContext } from '../context.ts';
import { NoQuery } from '../queries.ts';
import { Health } from '../schemas.ts';

/** GET /live, /health, /metrics and /openapi.json: about this process, answered whatever the cluster does. */
export function systemRoutes(app: Api, { health, registry }: ApiContext): void {
  app.get(
    '/health',
    {
      schema: {
        tags: ['system'],
        summary: 'Can this region serve? 503 when not',
        response: { 200: Health, 503: Health },
      },
    },
    async (_request, reply) => {
      const state = await health.check();
      reply.header('cache-control', 'no-store');
      return reply.code(state.status === 'unhealthy' ? 503 : 200).send(state);
    },
  );
  app.get(
    '/live',
    {
      schema: {
        tags: ['system'],
        summary: 'Is this process running? 200 also while the cluster cannot serve',
        response: { 200: Type.Object({ status: Type.Literal('live') }) },
      },
    },
    async () => ({ status: 'live' as const }),
  );
  app.get(
    '/metrics',
    {
      schema: {
        tags: ['system'],
        summary: 'Prometheus metrics of this process',
        querystring: NoQuery,
        response: { 200: Type.String() },
      },
    },
    async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()),
  );
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
