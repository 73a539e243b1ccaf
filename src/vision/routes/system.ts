import { Type } from 'typebox';
import type { Api } from '../../lib/http-app.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import type { VisionContext } from '../context.ts';

/** GET /health, /metrics, /openapi.json. */
export function systemRoutes(app: Api, { region, records, analyser, registry }: VisionContext): void {
  app.get(
    '/health',
    {
      schema: {
        tags: ['system'],
        summary: 'The process serves; store_failure says why records cannot be stored',
        response: {
          200: Type.Object({
            status: Type.Literal('healthy'),
            region: Type.String(),
            store: Type.String(),
            store_failure: Type.Union([Type.Null(), Type.String()]),
          }),
          503: ErrorBody,
        },
      },
    },
    async () => ({
      status: 'healthy' as const,
      region,
      store: records.kind,
      store_failure: analyser.storeFailure,
    }),
  );
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
