import { randomUUID } from 'node:crypto';
import type { Api } from '../../lib/http-app.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import type { ApiContext } from '../context.ts';
import { WriteHeaders, warmUpOf, writeAnswer, writeOnce } from '../idempotency.ts';
import { StrictWriteProbesQuery } from '../queries.ts';
import { WriteProbe, WriteProbesBody } from '../schemas.ts';
import { readProbes } from '../write-probes-store.ts';

const ROUTE = '/api/write-probes';
const PROBE_EFFECT = 'INSERT INTO write_probe (writer, seq) SELECT $5, $6 FROM fresh';

/** For connections that are opened before they are needed. */
export const PROBE_WARM_UP = warmUpOf({ effect: PROBE_EFFECT, values: ['', 0] });

/** POST and GET /api/write-probes: the write path's probe for drills and monitoring. */
export function writeRoutes(app: Api, { db }: ApiContext): void {
  app.post(
    ROUTE,
    {
      schema: {
        tags: ['writes'],
        summary:
          'Probe of the write path: answered once it is committed in the sync set; repeatable by its key',
        headers: WriteHeaders,
        body: WriteProbe,
        response: {
          201: { ...WriteProbe, ...writeAnswer('Committed in every region of the sync set') },
          400: ErrorBody,
          413: ErrorBody,
          415: ErrorBody,
          422: ErrorBody,
          503: ErrorBody,
        },
      },
    },
    async (request, reply) => {
      const { writer, seq } = request.body;
      const key = request.headers['idempotency-key'] ?? randomUUID();
      // Also on an error: whoever gets a 503 can ask again under the same key.
      reply.header('idempotency-key', key);
      const { replayed } = await writeOnce(db, {
        key,
        route: `POST ${ROUTE}`,
        body: { writer, seq },
        effect: PROBE_EFFECT,
        values: [writer, seq],
      });
      if (replayed) reply.header('idempotency-replayed', 'true');
      return reply.code(201).send({ writer, seq });
    },
  );
  app.get(
    ROUTE,
    {
      schema: {
        tags: ['writes'],
        summary: "A writer's stored probes, by number: compare with what was acknowledged",
        querystring: StrictWriteProbesQuery,
        response: { 200: WriteProbesBody, 400: ErrorBody, 503: ErrorBody },
      },
    },
    async ({ query }) => readProbes(db, query),
  );
}
