/** Pages of the live table: filters in one pass over the columns, in the order of device_id. Pure. */
import { OGD_ALIAS } from '../lib/fleet.ts';
import { LIVE_STATES, type LiveTable } from './live-table.ts';
import type { DevicesQuery } from './schemas.ts';

const OGD_PREFIX = 'OGD-';

/** OGC-00001 is the name that some field devices give OGD-00001. */
export function canonicalDeviceId(deviceId: string): string {
  return deviceId.startsWith(OGD_ALIAS.prefix)
    ? `${OGD_PREFIX}${deviceId.slice(OGD_ALIAS.prefix.length)}`
    : deviceId;
}

export type DeviceFilter = Omit<DevicesQuery, 'limit' | 'offset'>;

export type RowsPage = { readonly total: number; readonly rows: readonly number[] };

const NOTHING: RowsPage = { total: 0, rows: [] };

/** Code to compare with; -1: any; undefined: a name that no row has. */
const code = (name: string | undefined, find: (name: string) => number | undefined): number | undefined =>
  name === undefined ? -1 : find(name);

/** Rows that match at `nowMs` (Unix ms): how many there are, and those of the page. */
export function findRows(
  table: LiveTable,
  filter: DeviceFilter,
  page: { readonly offset: number; readonly limit: number },
  nowMs: number,
): RowsPage {
  const site = code(filter.site_id, (name) => table.siteIndexOf(name));
  const type = code(filter.device_type, (name) => table.typeIndexOf(name === OGD_ALIAS.type ? 'ogd' : name));
  const state = filter.state === undefined ? -1 : LIVE_STATES.indexOf(filter.state);
  if (site === undefined || type === undefined) return NOTHING;
  const search =
    filter.search === undefined || filter.search === ''
      ? null
      : canonicalDeviceId(filter.search.toUpperCase());
  const { columns, order } = table;
  const matches = (row: number): boolean =>
    (site === -1 || columns.site[row] === site) &&
    (type === -1 || columns.type[row] === type) &&
    (search === null || table.idOf(row).toUpperCase().includes(search)) &&
    (state === -1 || table.stateAt(row, nowMs) === state);

  if (filter.device_id !== undefined) {
    const row = table.rowOfId(canonicalDeviceId(filter.device_id));
    if (row === undefined || !matches(row)) return NOTHING;
    return { total: 1, rows: page.offset === 0 ? [row] : [] };
  }
  const end = page.offset + page.limit;
  if (site === -1 && type === -1 && state === -1 && search === null) {
    return { total: order.length, rows: [...order.subarray(page.offset, end)] };
  }
  const rows: number[] = [];
  let total = 0;
  for (let i = 0; i < order.length; i++) {
    const row = order[i] ?? 0;
    if (!matches(row)) continue;
    if (total >= page.offset && total < end) rows.push(row);
    total += 1;
  }
  return { total, rows };
}
