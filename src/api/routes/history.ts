import { monotonicMs, wallMs } from '../../lib/clock.ts';
import type { Api } from '../../lib/http-app.ts';
import { invalidField } from '../../lib/http-errors.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import type { ApiContext } from '../context.ts';
import { parseInterval, readHistory } from '../history.ts';
import { DeviceParams, StrictHistoryQuery } from '../queries.ts';
import { History } from '../schemas.ts';
import { requireDevice } from './devices.ts';

/** GET /api/devices/{id}/history: stored readings, downsampled. */
export function historyRoute(app: Api, context: ApiContext): void {
  const { table, db } = context;
  app.get(
    '/api/devices/:id/history',
    {
      schema: {
        tags: ['devices'],
        summary: 'Stored readings of [from, to), downsampled to at most `points` with minima and maxima kept',
        params: DeviceParams,
        querystring: StrictHistoryQuery,
        response: { 200: History, 400: ErrorBody, 404: ErrorBody, 503: ErrorBody },
      },
    },
    async ({ params, query }) => {
      const interval = parseInterval(query, wallMs());
      if ('field' in interval) throw invalidField(interval.field, interval.message);
      await context.reads.live();
      const row = requireDevice(table, params.id);
      const type = table.types[table.columns.type[row] ?? 0];
      if (type === undefined) throw new Error(`row ${row} has no type`);
      const startedMs = monotonicMs();
      const device = { deviceNo: table.numberOf(row), metrics: type.metrics };
      const data = await readHistory(db, device, interval, query.points);
      return {
        device_id: table.idOf(row),
        device_type: type.type,
        from: new Date(interval.fromMs).toISOString(),
        to: new Date(interval.toMs).toISOString(),
        ...data,
        query_ms: Math.round((monotonicMs() - startedMs) * 100) / 100,
      };
    },
  );
}
