/** The device list's state in the address: which devices, and what the open device's chart shows. */
import type { DevicesQuery, LiveState } from '../../../src/api/schemas.ts';
import { DEVICE_TYPES } from '../../../src/lib/fleet.ts';
import { withParams } from '../lib/search-params.ts';

export type ListQuery = {
  readonly site: string | null;
  readonly type: string | null;
  readonly state: LiveState | null;
  readonly search: string;
};

export const EMPTY_QUERY: ListQuery = { site: null, type: null, state: null, search: '' };
export const LIVE_STATES: readonly LiveState[] = ['OK', 'WARN', 'ALERT', 'STALE', 'UNKNOWN'];

/** Longest search text, the API's own bound. */
export const SEARCH_LIMIT_CHARS = 64;

/** Parses `?site=…&type=…&state=…&q=…`. What cannot be understood is left out of the query and named in `ignored`. */
export function parseListQuery(search: string): { query: ListQuery; ignored: string[] } {
  const params = new URLSearchParams(search);
  const ignored: string[] = [];
  const type = params.get('type');
  const knownType = DEVICE_TYPES.some((info) => info.type === type);
  if (type !== null && !knownType) ignored.push(`type=${type}`);
  const wanted = params.get('state');
  const state = LIVE_STATES.find((name) => name === wanted?.toUpperCase()) ?? null;
  if (wanted !== null && state === null) ignored.push(`state=${wanted}`);
  const text = (params.get('q') ?? '').trim();
  if (text.length > SEARCH_LIMIT_CHARS) ignored.push(`q beyond ${SEARCH_LIMIT_CHARS} characters`);
  return {
    query: {
      site: params.get('site') || null,
      type: knownType ? type : null,
      state,
      search: text.slice(0, SEARCH_LIMIT_CHARS),
    },
    ignored,
  };
}

/** `search` with the list's parameters replaced; parameters of others (the chart's) stay. No leading `?`. */
export function withListQuery(search: string, query: ListQuery): string {
  return withParams(search, {
    site: query.site,
    type: query.type,
    state: query.state,
    q: query.search === '' ? null : query.search,
  });
}

/** The same filter as the API's query string, for `count` rows from `offset`. */
export function apiQuery(query: ListQuery, offset: number, count: number): string {
  const params = new URLSearchParams();
  const set = (key: keyof DevicesQuery, value: string | null) => {
    if (value !== null && value !== '') params.set(key, value);
  };
  set('site_id', query.site);
  set('device_type', query.type);
  set('state', query.state);
  set('search', query.search);
  set('limit', String(count));
  set('offset', String(offset));
  return params.toString();
}

export function isFiltered(query: ListQuery): boolean {
  return query.site !== null || query.type !== null || query.state !== null || query.search !== '';
}
