import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { DrillReport, DrillsBody } from '../../lib/control-schemas.ts';
import type { Api, ApiContext } from '../context.ts';
import { notFound } from '../errors.ts';
import { ErrorBody } from '../schemas.ts';

const DrillsQuery = Type.Object(
  { limit: Type.Integer({ minimum: 1, maximum: 200, default: 20 }) },
  { additionalProperties: false },
);
const DrillParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\w.-]+$' }) });

/** GET /api/drills and /api/drills/{id}: the reports that drills have left. */
export function drillRoutes(app: Api, { db }: ApiContext): void {
  app.get(
    '/api/drills',
    {
      schema: {
        tags: ['drills'],
        summary: 'Drill reports without their runs, newest first',
        querystring: DrillsQuery,
        response: { 200: DrillsBody, 400: ErrorBody, 503: ErrorBody },
      },
    },
    async ({ query }) => {
      const { rows } = await db.query<{ report: unknown; total: string }>(
        `SELECT report - 'runs' AS report, count(*) OVER () AS total
         FROM drill_report ORDER BY started_at DESC LIMIT $1`,
        [query.limit],
      );
      const drills = rows.map(({ report }) => report);
      return Value.Parse(DrillsBody, { total: Number(rows[0]?.total ?? 0), drills });
    },
  );
  app.get(
    '/api/drills/:id',
    {
      schema: {
        tags: ['drills'],
        summary: 'One drill report with every run',
        params: DrillParams,
        response: { 200: DrillReport, 400: ErrorBody, 404: ErrorBody, 503: ErrorBody },
      },
    },
    async ({ params }) => {
      const { rows } = await db.query<{ report: unknown }>('SELECT report FROM drill_report WHERE id = $1', [
        params.id,
      ]);
      if (rows[0] === undefined) throw notFound(`there is no drill ${params.id}`);
      return Value.Parse(DrillReport, rows[0].report);
    },
  );
}
