/** What the Users page shows, as its address says it: which sessions, which page of them, and the chart's time. */
import { oneOf, pageNumber, readParams, shortText, typesOn, withParams } from '../lib/search-params.ts';

/** The API's. */
export const REGIONS = ['US-WEST', 'US-EAST', 'EU-CENTRAL', 'APAC'] as const;
type Region = (typeof REGIONS)[number];

/** Of the sessions that are open; others are not listed. */
const STATUSES = ['active', 'idle'] as const;
type Status = (typeof STATUSES)[number];

/**
 * Of the chart. A site reports every 5 s, and a bucket is twice as long at least, so that a report that comes a little
 * late is no dip. `refresh_ms` is half a bucket or less.
 */
export const RANGES = [
  { id: '15m', label: '15 min', minutes: 15, points: 90, refresh_ms: 5_000 },
  { id: '1h', label: '1 h', minutes: 60, points: 180, refresh_ms: 10_000 },
  { id: '6h', label: '6 h', minutes: 360, points: 180, refresh_ms: 30_000 },
  { id: '24h', label: '24 h', minutes: 1_440, points: 240, refresh_ms: 60_000 },
] as const;
type Range = (typeof RANGES)[number];

export type UserQuery = {
  readonly search: string | null;
  readonly status: Status | null;
  readonly region: Region | null;
  readonly site: string | null;
  readonly range: Range['id'];
  /** From 1. */
  readonly page: number;
};

export const EMPTY_QUERY: UserQuery = {
  ...{ search: null, status: null, region: null, site: null },
  ...{ range: '1h', page: 1 },
};

/** The longest texts, the API's own bounds. */
export const LIMITS_CHARS = { search: 64, site: 32 } as const;
const PAGE_ROWS = 100;
/** The API takes no larger offset than 100,000. */
const PAGES_MAX = 1000;

/** The query in the address. What cannot be understood is left out of it and named in `ignored`. */
export function parseUserQuery(search: string): { query: UserQuery; ignored: string[] } {
  const { pick, ignored } = readParams(search);
  const query: UserQuery = {
    search: pick('q', shortText(LIMITS_CHARS.search)),
    status: pick('status', oneOf(STATUSES)),
    region: pick('region', oneOf(REGIONS)),
    site: pick('site', shortText(LIMITS_CHARS.site)),
    range: pick('range', oneOf(RANGES.map(({ id }) => id))) ?? EMPTY_QUERY.range,
    page: pick('page', pageNumber(PAGES_MAX)) ?? EMPTY_QUERY.page,
  };
  return { query, ignored };
}

/** The query for the address; what is as usual is not written. No leading `?`. */
export function formatUserQuery(query: UserQuery): string {
  return withParams('', {
    q: query.search,
    status: query.status,
    region: query.region,
    site: query.site,
    range: query.range === EMPTY_QUERY.range ? null : query.range,
    page: query.page === EMPTY_QUERY.page ? null : String(query.page),
  });
}

/** The query with another filter: from its first page, because pages of another filter mean nothing. */
export function narrowed(query: UserQuery, changes: Partial<UserQuery>): UserQuery {
  return { ...query, page: 1, ...changes };
}

export const continuesTyping = (before: UserQuery, next: UserQuery): boolean =>
  typesOn(before, next, ['search'], formatUserQuery);

/** Whether anything narrows the list of sessions; the chart's time does not. */
export function isFiltered({ search, status, region, site }: UserQuery): boolean {
  return [search, status, region, site].some((value) => value !== null);
}

/** The page of sessions for the API. */
export function apiQuery(query: UserQuery): string {
  return withParams('', {
    status: query.status,
    region: query.region,
    site_id: query.site,
    search: query.search,
    limit: String(PAGE_ROWS),
    offset: String((query.page - 1) * PAGE_ROWS),
  });
}

export const rangeOf = (query: UserQuery): Range => RANGES.find(({ id }) => id === query.range) ?? RANGES[1];

export function lastPage(matching: number): number {
  return Math.max(1, Math.min(PAGES_MAX, Math.ceil(matching / PAGE_ROWS)));
}
