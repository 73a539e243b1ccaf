/**
 * The answers this page understands. The API validates its own output against the same schemas, so a look at
 * the outline is enough here: it tells an answer of the API from a proxy's page or another version's body.
 */

import type { Static } from 'typebox';
import type {
  DeviceDetail,
  DevicesEvent,
  DevicesPage,
  History,
  Overview,
  RejectsBody,
  SitesBody,
} from '../../../src/api/schemas.ts';
import type { ErrorBody } from '../../../src/lib/http-schemas.ts';

export type HistoryBody = Static<typeof History>;
export type Shape<T> = (value: unknown) => value is T;

type Kind = 'string' | 'number' | 'boolean' | 'object' | 'array';

/** A check of the named fields' kinds; the value must be an object. */
export function outline<T>(fields: Readonly<Partial<Record<keyof T & string, Kind>>>): Shape<T> {
  const wanted = Object.entries(fields);
  return (value): value is T => {
    if (typeof value !== 'object' || value === null) return false;
    const found = new Map<string, unknown>(Object.entries(value));
    return wanted.every(([name, kind]) => {
      const field = found.get(name);
      return kind === 'array' ? Array.isArray(field) : typeof field === kind && field !== null;
    });
  };
}

/** The value, known to be of the shape. Throws TypeError when it is not: the server speaks another version. */
export function expectShape<T>(shape: Shape<T>, value: unknown): T {
  if (!shape(value)) throw new TypeError('an event of the API has an unknown outline');
  return value;
}

export const isErrorBody = outline<ErrorBody>({ error: 'string', message: 'string' });
export const isOverview = outline<Overview>({
  timestamp: 'string',
  fleet: 'object',
  readings_per_s: 'number',
  accounting: 'object',
  regions: 'array',
  storage: 'object',
});
export const isSites = outline<SitesBody>({ sites: 'array' });
export const isRejects = outline<RejectsBody>({ total: 'number', rejects: 'array' });
export const isDevicesPage = outline<DevicesPage>({ total: 'number', offset: 'number', devices: 'array' });
export const isDevicesEvent = outline<DevicesEvent>({ total: 'number', devices: 'array' });
export const isDevice = outline<DeviceDetail>({ device_id: 'string', state: 'string', metrics: 'object' });
export const isHistory = outline<HistoryBody>({ timestamps: 'array', series: 'array', bucket_s: 'number' });
