/** What the Camera Intelligence page shows, as its address says it: which photos, in which order, and the open one. */
import { oneOf, pageNumber, readParams, shortText, withParams } from '../lib/search-params.ts';

const WORN = ['yes', 'no'] as const;
type Worn = (typeof WORN)[number];
const SORTS = ['newest', 'violations'] as const;
export type Sort = (typeof SORTS)[number];
const ORIGINS = ['real', 'simulated'] as const;
export type Origin = (typeof ORIGINS)[number];

export type CameraQuery = {
  readonly site: string | null;
  readonly type: string | null;
  /** yes: somebody wears it; no: somebody lacks it. */
  readonly hat: Worn | null;
  readonly vest: Worn | null;
  readonly equipment: Worn | null;
  /** Of the score, 0 to 100. */
  readonly min: number | null;
  readonly origin: Origin | null;
  readonly sort: Sort;
  /** From 1. */
  readonly page: number;
  /** The id of the photo that is open. */
  readonly image: string | null;
};

export const EMPTY_QUERY: CameraQuery = {
  ...{ site: null, type: null, hat: null, vest: null, equipment: null, min: null, origin: null },
  ...{ sort: 'violations', page: 1, image: null },
};

const PAGE_IMAGES = 24;
const PAGES_MAX = 1000;
const NAME_CHARS = 64;

const score = (value: string): number | null =>
  /^\d{1,3}$/.test(value) && Number(value) <= 100 ? Number(value) : null;

/** The query in the address. What cannot be understood is left out of it and named in `ignored`. */
export function parseCameraQuery(search: string): { query: CameraQuery; ignored: string[] } {
  const { pick, ignored } = readParams(search);
  const query: CameraQuery = {
    site: pick('site', shortText(NAME_CHARS)),
    type: pick('type', shortText(NAME_CHARS)),
    hat: pick('hat', oneOf(WORN)),
    vest: pick('vest', oneOf(WORN)),
    equipment: pick('equipment', oneOf(WORN)),
    min: pick('min', score),
    origin: pick('origin', oneOf(ORIGINS)),
    sort: pick('sort', oneOf(SORTS)) ?? EMPTY_QUERY.sort,
    page: pick('page', pageNumber(PAGES_MAX)) ?? EMPTY_QUERY.page,
    image: pick('image', (value) => (/^[0-9a-f-]{36}$/.test(value) ? value : null)),
  };
  return { query, ignored };
}

/** The query for the address; what is as usual is not written. No leading `?`. */
export function formatCameraQuery(query: CameraQuery): string {
  return withParams('', {
    site: query.site,
    type: query.type,
    hat: query.hat,
    vest: query.vest,
    equipment: query.equipment,
    min: query.min === null ? null : String(query.min),
    origin: query.origin,
    sort: query.sort === EMPTY_QUERY.sort ? null : query.sort,
    page: query.page === EMPTY_QUERY.page ? null : String(query.page),
    image: query.image,
  });
}

/** The query with another filter: from its first page, because pages of another filter mean nothing. */
export const narrowed = (query: CameraQuery, changes: Partial<CameraQuery>): CameraQuery => ({
  ...query,
  page: 1,
  ...changes,
});

export function isFiltered({ site, type, hat, vest, equipment, min, origin }: CameraQuery): boolean {
  return [site, type, hat, vest, equipment, min, origin].some((value) => value !== null);
}

const truth = (value: string | null, yes: string): string | null =>
  value === null ? null : String(value === yes);

/** The page of photos for the API. */
export function apiQuery(query: CameraQuery): string {
  return withParams('', {
    site_id: query.site,
    device_type: query.type,
    has_hard_hat: truth(query.hat, 'yes'),
    has_safety_vest: truth(query.vest, 'yes'),
    has_equipment: truth(query.equipment, 'yes'),
    min_compliance: query.min === null ? null : String(query.min),
    simulated: truth(query.origin, 'simulated'),
    sort: query.sort,
    limit: String(PAGE_IMAGES),
    offset: String((query.page - 1) * PAGE_IMAGES),
  });
}

/** For what is counted: all sites and types, so that one can be compared with the others. */
export const summaryQuery = ({ origin }: CameraQuery): string =>
  withParams('', { simulated: truth(origin, 'simulated') });

export const wordsQuery = ({ site, type }: CameraQuery): string =>
  withParams('', { site_id: site, device_type: type, limit: '40' });

export const lastPage = (total: number): number =>
  Math.max(1, Math.min(PAGES_MAX, Math.ceil(total / PAGE_IMAGES)));
