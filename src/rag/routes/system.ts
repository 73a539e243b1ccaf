import { Type } from 'typebox';
import { UnavailableError } from '../../lib/errors.ts';
import type { Api } from '../../lib/http-app.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import type { RagContext } from '../context.ts';
import { StatsBody } from '../schemas.ts';
import { countVectors } from '../vector-store.ts';

const FLOAT_BYTES = 4;

/** GET /health, /stats, /metrics, /openapi.json. */
export function systemRoutes(app: Api, context: RagContext): void {
  const { library, stats, leader, registry, region, provider, breaker } = context;
  const tags = ['system'];
  app.get(
    '/health',
    {
      schema: {
        tags,
        summary: '503 until the documents that were stored can be searched',
        response: {
          200: Type.Object({
            status: Type.Literal('healthy'),
            region: Type.String(),
            documents: Type.Integer(),
            passages: Type.Integer(),
            provider: StatsBody.properties.provider,
          }),
          503: ErrorBody,
        },
      },
    },
    async () => {
      if (!library.loaded) throw new UnavailableError('the documents are being loaded');
      const { documents, passages } = library;
      return { status: 'healthy' as const, region, documents, passages, provider };
    },
  );
  app.get(
    '/stats',
    {
      schema: {
        tags,
        summary: 'Documents, index spaces, questions',
        response: { 200: StatsBody, 503: ErrorBody },
      },
    },
    async () => ({
      documents: library.documents,
      passages: library.passages,
      index_spaces: (await countVectors(leader)).map(({ model, vectors, bytes }) => ({
        model,
        dimensions: bytes / FLOAT_BYTES,
        vectors,
      })),
      provider,
      breaker: breaker(),
      ...stats.body,
    }),
  );
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
}
