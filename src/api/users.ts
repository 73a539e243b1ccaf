/** What the API knows of the users, and how it keeps what they do. */
import type { Redis } from 'ioredis';
import type { Leader } from '../lib/bounded-leader.ts';
import { monotonicMs, wallMs, within } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { EventPublisher } from '../lib/event-publisher.ts';
import type { Log } from '../lib/log.ts';
import { storeUserEvents } from '../lib/user-event-store.ts';
import type { SessionEvent } from '../lib/user-events.ts';
import { PICTURE_KEY, parsePicture, readPicture, type UserPicture } from '../lib/user-picture.ts';
import type { UsersBody, UsersQuery } from './user-schemas.ts';

const CACHE_MS = 500;
/** The worker makes a new picture every few seconds; an older one is nobody's. */
const PICTURE_MAX_AGE_MS = 15_000;
/** A cache that hangs, in a frozen region, must not cost a user more: the database has the same. */
const CACHE_LIMIT_MS = 300;
/** Longer than a confirm takes on a busy machine, shorter than a user waits. */
const CONFIRM_MS = 800;

export type UsersOptions = {
  readonly redis: Pick<Redis, 'get'>;
  readonly db: Leader;
  /** null: the instance runs without the queue. */
  readonly publisher: Pick<EventPublisher, 'connected' | 'publish'> | null;
  /** Makes access codes and session ids. */
  readonly secret: string;
  readonly log: Log;
};

export class Users {
  readonly secret: string;
  readonly #options: UsersOptions;
  #last: { readonly atMs: number; readonly picture: Promise<UserPicture> } | null = null;

  constructor(options: UsersOptions) {
    this.secret = options.secret;
    this.#options = options;
  }

  /** At most half a second older than what the cache has. Throws UnavailableError. */
  picture(): Promise<UserPicture> {
    const nowMs = monotonicMs();
    if (this.#last === null || nowMs - this.#last.atMs > CACHE_MS) {
      const picture = this.#read();
      this.#last = { atMs: nowMs, picture };
      picture.catch(() => {
        if (this.#last?.picture === picture) this.#last = null;
      });
    }
    return this.#last.picture;
  }

  /**
   * Resolves once the event cannot be lost any more: a majority of the queue has it, or, when that does not answer in
   * time, the database. The two know an event by its id, so it may end in both. Throws UnavailableError.
   */
  async keep(event: SessionEvent): Promise<'queue' | 'database'> {
    const { publisher, db, log } = this.#options;
    if (publisher?.connected === true) {
      try {
        await publisher.publish(event, CONFIRM_MS);
        return 'queue';
      } catch (error) {
        log.warn({ failure: describeError(error) }, 'an event goes to the database instead of the queue');
      }
    }
    await db.withClient((client) => storeUserEvents(client, [event]), { bytes: 4_096 });
    return 'database';
  }

  async #read(): Promise<UserPicture> {
    const { redis, db, log } = this.#options;
    try {
      const text = await within(CACHE_LIMIT_MS, 'it does not answer', redis.get(PICTURE_KEY));
      const cached = text === null ? null : parsePicture(text);
      if (cached !== null && wallMs() - Date.parse(cached.at) < PICTURE_MAX_AGE_MS) return cached;
    } catch (error) {
      log.debug({ failure: describeError(error) }, 'the cache has no picture of the users');
    }
    return db.withClient((client) => readPicture(client, wallMs()));
  }
}

/** Pure. */
export function usersBody(picture: UserPicture, query: UsersQuery): UsersBody {
  const { sessions, sites, at } = picture;
  const { status, region, site_id, limit, offset } = query;
  const search = query.search?.toLowerCase();
  const matching = sessions.filter(
    (session) =>
      (status === undefined || session.status === status) &&
      (region === undefined || session.region === region) &&
      (site_id === undefined || session.site_id === site_id) &&
      (search === undefined ||
        [session.username, session.user_id, session.ip_address].some((text) =>
          text.toLowerCase().includes(search),
        )),
  );
  const count = (of: (session: UserPicture['sessions'][number]) => boolean): number =>
    sessions.filter(of).length;
  const active = count((session) => session.status === 'active');
  return {
    at,
    active_users: active,
    idle_users: sessions.length - active,
    total_sessions: sessions.length,
    active_connections: sites.reduce((sum, site) => sum + site.active_connections, 0),
    regions: [...new Set(sessions.map((session) => session.region))].sort().map((name) => ({
      region: name,
      active: count((session) => session.region === name && session.status === 'active'),
      idle: count((session) => session.region === name && session.status !== 'active'),
    })),
    sites,
    matching: matching.length,
    limit,
    offset,
    sessions: matching.slice(offset, offset + limit),
  };
}
