/** What the Logs page shows, as its address says it: the filter, the time, and the page of the entries. */
import { oneOf, pageNumber, readParams, shortText, typesOn, withParams } from '../lib/search-params.ts';

const HOUR_S = 3600;
export const RANGES = [
  { id: '15m', label: '15 min', span_s: HOUR_S / 4 },
  { id: '1h', label: '1 h', span_s: HOUR_S },
  { id: '24h', label: '24 h', span_s: 24 * HOUR_S },
  { id: '7d', label: '7 d', span_s: 7 * 24 * HOUR_S },
  { id: 'all', label: 'Everything', span_s: null },
] as const;
type RangeId = (typeof RANGES)[number]['id'];

export type PathOrder = 'requests' | 'errors';

export type LogQuery = {
  readonly search: string | null;
  /** `404`, or a class: `4xx`. */
  readonly status: string | null;
  readonly method: string | null;
  readonly address: string | null;
  readonly path: string | null;
  readonly source: string | null;
  /** Time up to now; does not count while there is a window. */
  readonly range: RangeId;
  /** A time that does not move, ISO 8601; null: open at that end. */
  readonly window: { readonly from: string | null; readonly to: string | null } | null;
  /** From 1. */
  readonly page: number;
  /** Beyond the first page, the moment at which the reader began to page: what came later would shift the rows. */
  readonly until: string | null;
  readonly order: PathOrder;
};

export const EMPTY_QUERY: LogQuery = {
  ...{ search: null, status: null, method: null, address: null, path: null, source: null },
  ...{ range: '1h', window: null, page: 1, until: null, order: 'requests' },
};

/** The longest texts, the API's own bounds. */
export const LIMITS_CHARS = { search: 200, address: 255, path: 600, source: 255 } as const;
export const PAGE_ROWS = 100;
/** The API counts no further than 100,000 and takes no larger offset. */
export const PAGES_MAX = 1000;

const STATUS = /^[1-5](?:[0-9]{2}|xx)$/;
const METHOD = /^(?:[A-Za-z]{1,32}|-)$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)$/;

function moment(value: string): string | null {
  const ms = MOMENT.test(value) ? Date.parse(value) : Number.NaN;
  return ms >= 0 ? new Date(ms).toISOString() : null;
}

function parseWindow(from: string | null, to: string | null, ignored: string[]): LogQuery['window'] {
  if (from === null && to === null) return null;
  if (from === null || to === null || from < to) return { from, to };
  ignored.push(`from=${from}`, `to=${to}`);
  return null;
}

/**
 * The query in the address. What cannot be understood is left out of it and named in `ignored`. An address may also
 * be called `ip_address`, as the API does.
 */
export function parseLogQuery(search: string): { query: LogQuery; ignored: string[] } {
  const { pick, ignored } = readParams(search);
  const window = parseWindow(pick('from', moment), pick('to', moment), ignored);
  const page = pick('page', pageNumber(PAGES_MAX)) ?? 1;
  const until = pick('until', moment);
  const paged = page > 1 && until !== null;
  if (page > 1 && until === null) ignored.push(`page=${page} without until`);
  const anAddress = shortText(LIMITS_CHARS.address);
  const query: LogQuery = {
    search: pick('q', shortText(LIMITS_CHARS.search)),
    status: pick('status', (value) => (STATUS.test(value.toLowerCase()) ? value.toLowerCase() : null)),
    method: pick('method', (value) => (METHOD.test(value) ? value.toUpperCase() : null)),
    address: pick('address', anAddress) ?? pick('ip_address', anAddress),
    path: pick('path', shortText(LIMITS_CHARS.path)),
    source: pick('source', shortText(LIMITS_CHARS.source)),
    range: pick('range', oneOf(RANGES.map(({ id }) => id))) ?? EMPTY_QUERY.range,
    window,
    page: paged ? page : 1,
    until: paged ? until : null,
    order: pick('order', oneOf<PathOrder>(['requests', 'errors'])) ?? 'requests',
  };
  return { query, ignored };
}

/** The query for the address; what is as usual is not written. No leading `?`. */
export function formatLogQuery(query: LogQuery): string {
  return withParams('', {
    q: query.search,
    status: query.status,
    method: query.method,
    address: query.address,
    path: query.path,
    source: query.source,
    range: query.range === EMPTY_QUERY.range ? null : query.range,
    from: query.window?.from ?? null,
    to: query.window?.to ?? null,
    page: query.page === 1 ? null : String(query.page),
    until: query.until,
    order: query.order === EMPTY_QUERY.order ? null : query.order,
  });
}

/** The query with another filter: from its first page, because pages of another filter mean nothing. */
export function narrowed(query: LogQuery, changes: Partial<LogQuery>): LogQuery {
  return { ...query, page: 1, until: null, ...changes };
}

/** Whether the step only goes on with a text, so that the back button need not stop at each pause of the typing. */
export function continuesTyping(before: LogQuery, next: LogQuery): boolean {
  return typesOn(before, next, ['search', 'address', 'path', 'source'], formatLogQuery);
}

/** Whether anything but the usual hour is asked for. */
export function isFiltered(query: LogQuery): boolean {
  return formatLogQuery(narrowed(query, { order: EMPTY_QUERY.order })) !== '';
}

/** Whether new entries belong to what is shown. */
export function isOpenEnded(query: LogQuery): boolean {
  return query.until === null && (query.window === null || query.window.to === null);
}

/** The filter for the API as of `now_ms` (Unix), with parameters of the one route. */
export function apiQuery(
  query: LogQuery,
  now_ms: number,
  extra: Readonly<Record<string, string | number>> = {},
): string {
  const { window, until } = query;
  const span_s = RANGES.find(({ id }) => id === query.range)?.span_s ?? null;
  const end_ms = until === null ? now_ms : Date.parse(until);
  const start = span_s === null ? null : new Date(end_ms - span_s * 1000).toISOString();
  const ends = [window?.to ?? null, until].filter((end) => end !== null).sort();
  const own = withParams('', {
    ip_address: query.address,
    status_code: query.status,
    method: query.method,
    path: query.path,
    search: query.search,
    source: query.source,
    from: window === null ? start : window.from,
    to: ends[0] ?? null,
  });
  return withParams(own, Object.fromEntries(Object.entries(extra).map(([key, value]) => [key, `${value}`])));
}

/** The moment that holds the page still: just after its newest entry. */
export function untilAfter(newestAt: string): string {
  return new Date(Date.parse(newestAt) + 1).toISOString();
}

export function lastPage(total: number): number {
  return Math.max(1, Math.min(PAGES_MAX, Math.ceil(total / PAGE_ROWS)));
}
