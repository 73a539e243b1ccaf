/** What users ask the API for. Pure; the paths are those of src/api/routes. */
import {
  DEVICE_TYPES,
  DEVICES_PER_SITE_AND_TYPE,
  DEVICES_PER_TYPE,
  fleetDevice,
  SITES,
} from '../../lib/fleet.ts';
import type { Random } from '../../lib/random.ts';
import { USER_REGIONS } from '../../lib/users.ts';
import type { Person } from './person.ts';

export type UserRequest = {
  readonly kind: 'login' | 'logout' | 'read' | 'mistake' | 'scan';
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  /** The only right answer. */
  readonly expects: number;
  /** Path of the page it is asked from; null: no Referer. */
  readonly page: string | null;
  /** JSON; null: none. */
  readonly body: string | null;
  readonly idempotencyKey: string | null;
};

type Page = {
  /** Per mille of a user's reads. */
  readonly weight: number;
  readonly page: string;
  readonly path: (person: Person, random: Random, wallMs: number) => string;
};

const PAGE_ROWS = 50;
const LOG_INTERVAL_MS = 15 * 60_000;
const HISTORY_INTERVAL_MS = 60 * 60_000;
/** With a Referer: the others came by a bookmark, or hide it. */
const REFERER_SHARE = 0.6;

const pick = <T>(random: Random, from: readonly T[]): T => {
  const found = from[random.int(from.length)];
  if (found === undefined) throw new Error('there is nothing to pick from');
  return found;
};

/** People look at their own site, mostly. */
function deviceFor(person: Person, random: Random): string {
  const home = SITES.findIndex((site) => site.id === person.user.siteId);
  const site = random.float() < 0.8 ? home : random.int(SITES.length);
  const first = random.int(DEVICE_TYPES.length) * DEVICES_PER_TYPE + site * DEVICES_PER_SITE_AND_TYPE + 1;
  return fleetDevice(first + random.int(DEVICES_PER_SITE_AND_TYPE)).deviceId;
}

const since = (wallMs: number, intervalMs: number): string => {
  const seconds = Math.floor((wallMs - intervalMs) / 1000);
  return `from=${new Date(seconds * 1000).toISOString()}`;
};

/** What asks the database is rare: 2 % of the reads. The rest is answered from the API's memory or the cache. */
const PAGES: readonly Page[] = [
  { weight: 240, page: '/', path: () => '/api/overview' },
  { weight: 110, page: '/', path: () => '/api/sites' },
  {
    weight: 180,
    page: '/devices',
    path: ({ user }, random) =>
      `/api/devices?site_id=${user.siteId}&limit=${PAGE_ROWS}&offset=${PAGE_ROWS * random.int(5)}`,
  },
  {
    weight: 90,
    page: '/devices',
    path: (_person, random) => `/api/devices?state=${pick(random, ['ALERT', 'WARN'])}&limit=${PAGE_ROWS}`,
  },
  {
    weight: 90,
    page: '/devices',
    path: ({ user }, random) =>
      `/api/devices?site_id=${user.siteId}&device_type=${pick(random, DEVICE_TYPES).type}&limit=${PAGE_ROWS}`,
  },
  {
    weight: 60,
    page: '/devices',
    path: (_person, random) =>
      `/api/devices?search=${pick(random, DEVICE_TYPES).prefix}0${random.int(100)}&limit=20`,
  },
  { weight: 180, page: '/devices', path: (person, random) => `/api/devices/${deviceFor(person, random)}` },
  {
    weight: 30,
    page: '/users',
    path: (_person, random) => `/api/users?region=${pick(random, USER_REGIONS)}&limit=${PAGE_ROWS}`,
  },
  { weight: 3, page: '/', path: () => '/api/rejects?limit=20' },
  { weight: 5, page: '/logs', path: () => '/api/logs?status_code=4xx&limit=50' },
  {
    weight: 4,
    page: '/logs',
    path: (_person, random, wallMs) =>
      `/api/logs/${pick(random, ['addresses', 'statuses', 'paths'])}?${since(wallMs, LOG_INTERVAL_MS)}`,
  },
  {
    weight: 6,
    page: '/devices',
    path: (person, random, wallMs) =>
      `/api/devices/${deviceFor(person, random)}/history?${since(wallMs, HISTORY_INTERVAL_MS)}&points=200`,
  },
  { weight: 2, page: '/users', path: () => '/api/users/timeline?minutes=30' },
];
const TOTAL_WEIGHT = PAGES.reduce((sum, { weight }) => sum + weight, 0);

const MISTAKES = [
  '/api/devices?limit=abc',
  '/api/devices?limit=0',
  '/api/devices?colour=red',
  '/api/logs?status_code=abc',
  '/api/devices/TURB-00912/history?points=1',
];
const HOLES = [
  '/wp-login.php',
  '/.env',
  '/phpmyadmin/index.php',
  '/.git/config',
  '/admin/login.php',
  '/cgi-bin/luci',
  '/vendor/phpunit/phpunit/src/Util/PHP/eval-stdin.php',
  '/api/v1/users.php',
];

const get = (kind: 'read' | 'mistake' | 'scan', path: string, expects: number, page: string | null) =>
  ({ kind, method: 'GET', path, expects, page, body: null, idempotencyKey: null }) satisfies UserRequest;

/** The next page somebody looks at. `wallMs` is now, for what is asked of the last minutes. */
export function readRequest(person: Person, random: Random, wallMs: number): UserRequest {
  let left = random.int(TOTAL_WEIGHT);
  for (const { weight, page, path } of PAGES) {
    left -= weight;
    if (left >= 0) continue;
    return get('read', path(person, random, wallMs), 200, random.float() < REFERER_SHARE ? page : null);
  }
  throw new Error('the weights of the pages do not add up');
}

export const mistakenRequest = (random: Random): UserRequest =>
  get('mistake', pick(random, MISTAKES), 400, '/devices');

export const scanRequest = (random: Random): UserRequest => get('scan', pick(random, HOLES), 404, null);

/** `wrong`: the user mistypes the code. The same key is the same login, however often it is sent. */
export function loginRequest(username: string, code: string, key: string, wrong: boolean): UserRequest {
  const access_code = wrong ? `${code.slice(1)}?` : code;
  return {
    kind: 'login',
    method: 'POST',
    path: '/api/sessions',
    expects: wrong ? 401 : 201,
    page: '/',
    body: JSON.stringify({ username, access_code }),
    idempotencyKey: key,
  };
}

export function logoutRequest(sessionId: string): UserRequest {
  const path = `/api/sessions/${sessionId}`;
  return {
    kind: 'logout',
    method: 'DELETE',
    path,
    expects: 204,
    page: '/',
    body: null,
    idempotencyKey: null,
  };
}
