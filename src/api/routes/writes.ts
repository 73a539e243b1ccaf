import type { Api, ApiContext } from '../context.ts';
import { idempotencyKeyOf, writeOnce } from '../idempotency.ts';
import { ErrorBody, WriteProbe } from '../schemas.ts';

const ROUTE = '/api/write-probes';

/** POST /api/write-probes: a write like any other, for drills and monitoring. */
export function writeRoutes(app: Api, { db }: ApiContext): void {
  app.post(
    ROUTE,
    {
      schema: {
        tags: ['writes'],
        summary: 'A write that is acknowledged once it is committed in the sync set; repeatable by its key',
        body: WriteProbe,
        response: { 201: WriteProbe, 400: ErrorBody, 422: ErrorBody, 503: ErrorBody },
      },
    },
    async (request, reply) => {
      const { writer, seq } = request.body;
      const { replayed } = await writeOnce(db, {
        key: idempotencyKeyOf(request),
        route: `POST ${ROUTE}`,
        body: { writer, seq },
        effect: 'INSERT INTO write_probe (writer, seq) SELECT $5, $6 FROM fresh',
        values: [writer, seq],
      });
      if (replayed) reply.header('idempotency-replayed', 'true');
      return reply.code(201).send({ writer, seq });
    },
  );
}
