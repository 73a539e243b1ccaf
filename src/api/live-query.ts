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

type Matcher = (row: number) => boolean;

/** The filter as a test of rows; 'all' when every row passes it, null when none can. */
function compile(table: LiveTable, filter: DeviceFilter, nowMs: number): Matcher | 'all' | null {
  const site = code(filter.site_id, (name) => table.siteIndexOf(name));
  const type = code(filter.device_type, (name) => table.typeIndexOf(name === OGD_ALIAS.type ? 'ogd' : name));
  if (site === undefined || type === undefined) return null;
  const state = filter.state === undefined ? -1 : LIVE_STATES.indexOf(filter.state);
  const search = canonicalDeviceId((filter.search ?? '').toUpperCase());
  if (site === -1 && type === -1 && state === -1 && search === '') return 'all';
  const { columns } = table;
  return (row) =>
    (site === -1 || columns.site[row] === site) &&
    (type === -1 || columns.type[row] === type) &&
    (search === '' || table.idOf(row).toUpperCase().includes(search)) &&
    (state === -1 || table.stateAt(row, nowMs) === state);
}

/** Rows that match at `nowMs` (Unix ms): how many there are, and those of the page. */
export function findRows(
  table: LiveTable,
  filter: DeviceFilter,
  page: { readonly offset: number; readonly limit: number },
  nowMs: number,
): RowsPage {
  const matches = compile(table, filter, nowMs);
  if (matches === null) return NOTHING;
  const end = page.offset + page.limit;
  if (filter.device_id !== undefined) {
    const row = table.rowOfId(canonicalDeviceId(filter.device_id));
    if (row === undefined || (matches !== 'all' && !matches(row))) return NOTHING;
    return { total: 1, rows: page.offset === 0 ? [row] : [] };
  }
  const { order } = table;
  if (matches === 'all') return { total: order.length, rows: [...order.subarray(page.offset, end)] };
  const rows: number[] = [];
  let total = 0;
  for (const row of order) {
    if (!matches(row)) continue;
    if (total >= page.offset && total < end) rows.push(row);
    total += 1;
  }
  return { total, rows };
}
