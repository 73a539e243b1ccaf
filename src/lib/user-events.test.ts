import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type pg from 'pg';
import { startTestDatabase, type TestDatabase } from './test-database.ts';
import { type Activity, parseUserEvent, type SessionEvent, storeUserEvents } from './user-events.ts';

const SESSION = '00000001-0000-0000-0000-000000000001';
const uuid = (n: number): string => `00000000-0000-0000-0000-${String(n).padStart(12, '0')}`;
const who = {
  user_id: 'USER-00001',
  username: 'ada.abbott.00001',
  session_id: SESSION,
  login_time: '2026-11-25T10:00:00Z',
  ip_address: '198.18.0.1',
  region: 'US-EAST',
};
const session = (n: number, kind: SessionEvent['kind'], at: string): SessionEvent => ({
  message_id: uuid(n),
  timestamp_utc: at,
  site_id: 'WY-ALPHA',
  kind,
  ...who,
});
const activity = (n: number, at: string, status: 'active' | 'idle'): Activity => ({
  message_id: uuid(n),
  timestamp_utc: at,
  site_id: 'WY-ALPHA',
  metrics: {
    active_users: 1,
    active_connections: 2,
    server_cpu_pct: 3.5,
    server_memory_gb: 4,
    average_latency_ms: 5,
  },
  active_users_list: [{ ...who, connection_status: status }],
});

describe('a message', () => {
  it('is taken as bytes, text or JSON', () => {
    const event = session(1, 'login', '2026-11-25T10:00:00Z');
    for (const body of [event, JSON.stringify(event), Buffer.from(JSON.stringify(event))])
      assert.deepEqual(parseUserEvent(body), event);
    assert.equal(parseUserEvent(activity(2, '2026-11-25T10:00:00.123Z', 'idle')).site_id, 'WY-ALPHA');
  });

  const good = session(1, 'login', '2026-11-25T10:00:00Z');
  const bad: readonly [what: string, body: unknown, reason: RegExp][] = [
    ['nothing', '', /not JSON/],
    ['a number', '7', /not a JSON object/],
    ['null', null, /not a JSON object/],
    ['an unknown kind', { ...good, kind: 'sleep' }, /kind/],
    ['an id that is no UUID', { ...good, message_id: 'x' }, /message_id/],
    ['a NUL', { ...good, username: 'a\u0000b' }, /username/],
    ['a day that is none', { ...good, timestamp_utc: '2026-02-99T10:00:00Z' }, /2026-02-99/],
    ['a missing field', { ...good, session_id: undefined }, /session_id/],
    [
      'a negative count',
      { ...activity(2, '2026-11-25T10:00:00Z', 'idle'), metrics: { active_users: -1 } },
      /metrics/,
    ],
  ];
  for (const [what, body, reason] of bad) {
    it(`with ${what} is refused with the reason`, () => assert.throws(() => parseUserEvent(body), reason));
  }
});

describe('stored events', () => {
  let database: TestDatabase;
  let client: pg.Client;
  before(async () => {
    database = await startTestDatabase();
    client = await database.connect();
  });
  after(async () => {
    await client?.end();
    await database?.stop();
  });

  const statusNow = async (): Promise<unknown[]> =>
    (await client.query('SELECT status FROM user_session WHERE session_id = $1', [SESSION])).rows.map(
      (r) => r.status,
    );

  it('are stored once, also when one comes twice in a batch', async () => {
    const login = session(1, 'login', '2026-11-25T10:00:00Z');
    assert.equal(await storeUserEvents(client, [login, login]), 1);
    assert.equal(await storeUserEvents(client, [login]), 0);
    assert.deepEqual(await statusNow(), ['active']);
  });

  it('leave a session as its newest event says, in whatever order they come', async () => {
    const idle = activity(2, '2026-11-25T10:06:00Z', 'idle');
    const active = activity(3, '2026-11-25T10:05:00Z', 'active');
    await storeUserEvents(client, [idle]);
    await storeUserEvents(client, [active]);
    assert.deepEqual(await statusNow(), ['idle']);
    await storeUserEvents(client, [
      session(4, 'logout', '2026-11-25T10:07:00Z'),
      activity(5, '2026-11-25T10:06:30Z', 'active'),
    ]);
    assert.deepEqual(await statusNow(), ['disconnected']);
    const { rows } = await client.query(
      "SELECT kind, active_connections FROM user_event WHERE kind = 'activity'",
    );
    assert.equal(rows.length, 3);
    assert.equal(rows[0].active_connections, 2);
  });
});
