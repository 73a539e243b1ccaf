import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { DrillReport, DrillRow, DrillsBody } from '../../lib/control-schemas.ts';
import type { Api } from '../../lib/http-app.ts';
import { notFound } from '../../lib/http-errors.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import type { ApiContext } from '../context.ts';

const DrillsQuery = Type.Object(
  { limit: Type.Integer({ minimum: 1, maximum: 200, default: 20 }) },
  { additionalProperties: false },
);
const DrillParams = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\w.-]+$' }) });

/** GET /api/drills and /api/drills/{id}: the reports that drills have left. */
export function drillRoutes(app: Api, { db, log }: ApiContext): void {
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
      const drills = rows
        .map(({ report }) => report)
        .filter((report): report is DrillRow => {
          const known = Value.Check(DrillRow, report);
          if (!known) log.warn({ report }, 'a drill report of another version is left out');
          return known;
        });
      return { total: Number(rows[0]?.total ?? 0), drills };
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
