import { wallMs } from '../../lib/clock.ts';
import type { Api } from '../../lib/http-app.ts';
import { notFound } from '../../lib/http-errors.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import type { ApiContext } from '../context.ts';
import { canonicalDeviceId, findRows } from '../live-query.ts';
import type { LiveTable } from '../live-table.ts';
import { presentDevices } from '../present.ts';
import { DeviceParams, NoQuery, StrictDevicesQuery } from '../queries.ts';
import { DeviceDetail, DevicesPage } from '../schemas.ts';

/** The row of a device by its id or alias. Throws a 404. */
export function requireDevice(table: LiveTable, deviceId: string): number {
  const row = table.rowOfId(canonicalDeviceId(deviceId));
  if (row === undefined) throw notFound(`device ${deviceId} is not registered`);
  return row;
}

/** GET /api/devices and /api/devices/{id}: the live state. */
export function deviceRoutes(app: Api, context: ApiContext): void {
  const { table, contexts } = context;
  app.get(
    '/api/devices',
    {
      schema: {
        tags: ['devices'],
        summary: 'Latest reading of every matching device, ordered by device_id',
        querystring: StrictDevicesQuery,
        response: { 200: DevicesPage, 400: ErrorBody, 503: ErrorBody },
      },
    },
    async ({ query }) => {
      await context.reads.live();
      const nowMs = wallMs();
      const { total, rows } = findRows(table, query, query, nowMs);
      const devices = await presentDevices(table, contexts, rows, nowMs);
      return { total, limit: query.limit, offset: query.offset, devices };
    },
  );
  app.get(
    '/api/devices/:id',
    {
      schema: {
        tags: ['devices'],
        summary: 'One device with its latest reading',
        params: DeviceParams,
        querystring: NoQuery,
        response: { 200: DeviceDetail, 400: ErrorBody, 404: ErrorBody, 503: ErrorBody },
      },
    },
    async ({ params }) => {
      await context.reads.live();
      const row = requireDevice(table, params.id);
      const [device] = await presentDevices(table, contexts, [row], wallMs());
      if (device === undefined) throw new Error(`row ${row} was not presented`);
      return device;
    },
  );
}
