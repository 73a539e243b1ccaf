/**
 * The users' domain facts: who there is, where, and how a user proves to be one. A user's site is where most of
 * the work is; the region is where the person sits.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Static, Type } from 'typebox';
import { SITES } from './fleet.ts';

export const UserRegion = Type.Union([
  Type.Literal('US-WEST'),
  Type.Literal('US-EAST'),
  Type.Literal('EU-CENTRAL'),
  Type.Literal('APAC'),
]);
export type UserRegion = Static<typeof UserRegion>;
export const USER_REGIONS: readonly UserRegion[] = UserRegion.anyOf.map((region) => region.const);
export const MAX_USERS = 5_000;

export type User = {
  readonly userId: string;
  readonly username: string;
  readonly region: UserRegion;
  readonly siteId: string;
};

const FIRST = [
  'ada',
  'amir',
  'bea',
  'chen',
  'dana',
  'elif',
  'finn',
  'gita',
  'hugo',
  'ines',
  'jun',
  'kofi',
  'lena',
  'mateo',
  'nora',
  'omar',
  'petra',
  'quinn',
  'rosa',
  'sven',
];
const LAST = [
  'abbott',
  'berg',
  'castro',
  'diaz',
  'evans',
  'fischer',
  'garcia',
  'haas',
  'ito',
  'jensen',
  'kim',
  'lopez',
  'moreau',
  'novak',
  'okafor',
  'park',
  'rossi',
  'silva',
  'tanaka',
  'weber',
];

const pick = (from: readonly string[], index: number): string => from[index % from.length] ?? '';

/** The user of a number from 1 to 5,000. */
export function userOf(no: number): User {
  const first = pick(FIRST, no - 1);
  const last = pick(LAST, Math.floor((no - 1) / FIRST.length));
  const tag = String(no).padStart(5, '0');
  return {
    userId: `USER-${tag}`,
    username: `${first}.${last}.${tag}`,
    region: USER_REGIONS[no % USER_REGIONS.length] ?? 'US-WEST',
    siteId: pick(
      SITES.map((site) => site.id),
      no,
    ),
  };
}

/** null: there is no such user. */
export function userNamed(username: string): User | null {
  const no = Number(/\.(\d{5})$/.exec(username)?.[1] ?? 0);
  if (no < 1 || no > MAX_USERS) return null;
  const user = userOf(no);
  return user.username === username ? user : null;
}

/** What a user logs in with: made from the instance's secret, so that no table of passwords is needed. */
export function accessCode(secret: string, username: string): string {
  return createHmac('sha256', secret).update(username).digest('base64url').slice(0, 22);
}

/** In constant time, also for a user that does not exist. */
export function isAccessCode(secret: string, username: string, code: string): boolean {
  const right = createHmac('sha256', secret).update(accessCode(secret, username)).digest();
  return timingSafeEqual(right, createHmac('sha256', secret).update(code).digest());
}
