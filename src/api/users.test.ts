import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pino } from 'pino';
import { UnavailableError } from '../lib/errors.ts';
import type { SessionEvent } from '../lib/user-events.ts';
import type { UserPicture } from '../lib/user-picture.ts';
import { Users, usersBody } from './users.ts';

const session = (no: number, region: string, status: string): UserPicture['sessions'][number] => ({
  session_id: `s${no}`,
  user_id: `USER-0000${no}`,
  username: `ada.${no}`,
  site_id: no === 1 ? 'WY-ALPHA' : 'TX-EAGLE',
  region,
  ip_address: `198.18.0.${no}`,
  login_time: '2026-11-25T10:00:00Z',
  status,
  last_seen: '2026-11-25T10:00:00Z',
});
const picture: UserPicture = {
  at: '2026-11-25T10:00:00Z',
  sessions: [session(1, 'APAC', 'active'), session(2, 'APAC', 'idle'), session(3, 'US-EAST', 'active')],
  sites: [],
};

describe('the answer', () => {
  const ids = (query: object): string[] =>
    usersBody(picture, { limit: 100, offset: 0, ...query }).sessions.map(({ session_id }) => session_id);

  it('counts everybody, whatever is asked for', () => {
    const { active_users, idle_users, total_sessions, regions, matching } = usersBody(picture, {
      limit: 1,
      offset: 0,
      status: 'idle',
    });
    assert.deepEqual([active_users, idle_users, total_sessions, matching], [2, 1, 3, 1]);
    assert.deepEqual(regions, [
      { region: 'APAC', active: 1, idle: 1 },
      { region: 'US-EAST', active: 1, idle: 0 },
    ]);
  });

  it('lists who matches every filter, in pages', () => {
    assert.deepEqual(ids({ region: 'APAC' }), ['s1', 's2']);
    assert.deepEqual(ids({ region: 'APAC', status: 'active' }), ['s1']);
    assert.deepEqual(ids({ site_id: 'TX-EAGLE' }), ['s2', 's3']);
    assert.deepEqual(ids({ search: 'ADA.3' }), ['s3']);
    assert.deepEqual(ids({ search: '198.18.0.2' }), ['s2']);
    assert.deepEqual(ids({ search: 'nobody' }), []);
    assert.deepEqual(ids({ limit: 1, offset: 1 }), ['s2']);
    assert.deepEqual(ids({ offset: 9 }), []);
  });
});

it('the picture is read from the database when the cache hangs', async () => {
  const db = {
    query: () => Promise.reject(new UnavailableError('not asked here')),
    withClient: <T>(): Promise<T> => Promise.resolve(picture as T),
  };
  const redis = { get: () => new Promise<never>(() => {}) };
  const users = new Users({ redis, db, publisher: null, secret: 'secret', log: pino({ level: 'silent' }) });
  assert.equal((await users.picture()).sessions.length, 3);
});

describe('an event', () => {
  const event = { message_id: 'm' } as SessionEvent;
  const users = (publisher: { connected: boolean; publish: () => Promise<void> } | null) => {
    const stored: string[] = [];
    const db = {
      query: () => Promise.reject(new UnavailableError('not asked here')),
      withClient: <T>(): Promise<T> => {
        stored.push('stored');
        return Promise.resolve(0 as T);
      },
    };
    const keeper = new Users({
      redis: { get: async () => null },
      db,
      publisher,
      secret: 'secret',
      log: pino({ level: 'silent' }),
    });
    return { keeper, stored };
  };

  it('that the queue has is not stored a second time by the API', async () => {
    const { keeper, stored } = users({ connected: true, publish: async () => {} });
    assert.equal(await keeper.keep(event), 'queue');
    assert.deepEqual(stored, []);
  });

  it('that the queue does not confirm, or that has no queue, goes to the database', async () => {
    const silent = () => Promise.reject(new UnavailableError('not confirmed'));
    for (const publisher of [
      null,
      { connected: true, publish: silent },
      { connected: false, publish: silent },
    ]) {
      const { keeper, stored } = users(publisher);
      assert.equal(await keeper.keep(event), 'database');
      assert.deepEqual(stored, ['stored']);
    }
  });
});
