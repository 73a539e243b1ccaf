import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type pg from 'pg';
import { startTestDatabase, type TestDatabase } from './test-database.ts';
import { storeUserEvents } from './user-event-store.ts';
import { activity, SESSION, session, uuid } from './user-events.fixture.ts';

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

  it('keep names and sites as they are, whatever characters they have', async () => {
    const odd = {
      username: 'O"Neil \\ {a,b}, NULL',
      site_id: 'tab\t newline\n "" \\N',
      user_id: 'NULL',
      region: ' ',
    };
    const event = { ...session(50, 'login', '2026-11-25T10:00:00Z'), session_id: uuid(50), ...odd };
    assert.equal(await storeUserEvents(client, [event]), 1);
    const { rows } = await client.query(
      'SELECT username, site_id, user_id, region FROM user_session WHERE session_id = $1',
      [uuid(50)],
    );
    assert.deepEqual(rows, [odd]);
    const events = await client.query('SELECT site_id FROM user_event WHERE message_id = $1', [uuid(50)]);
    assert.deepEqual(events.rows, [{ site_id: odd.site_id }]);
    await client.query('DELETE FROM user_session WHERE session_id = $1', [uuid(50)]);
  });

  describe('in a large batch', () => {
    const AT = '2026-11-25T11:00:00Z';
    const batch = (first: number, kind: 'login' | 'logout', at: string) =>
      Array.from({ length: 100 }, (_, i) => ({
        ...session(first + i, kind, at),
        session_id: uuid(1_000 + i),
      }));
    const open = async (): Promise<number> =>
      (await client.query("SELECT FROM user_session WHERE status <> 'disconnected' AND login_at < now()"))
        .rowCount ?? 0;

    it('are stored whole, with text that COPY must escape and the figures of reports', async () => {
      const site_id = 'tab\t newline\n \\N {"}';
      const events = [
        ...batch(1_000, 'login', AT),
        { ...activity(1_100, AT, 'idle'), site_id, active_users_list: [] },
      ];
      assert.equal(await storeUserEvents(client, events), 101);
      assert.equal(await open(), 100);
      const { rows } = await client.query(
        'SELECT * FROM user_event WHERE message_id = ANY($1) ORDER BY message_id',
        [[uuid(1_099), uuid(1_100)]],
      );
      const nothing = {
        active_users: null,
        active_connections: null,
        server_cpu_pct: null,
        server_memory_gb: null,
        average_latency_ms: null,
      };
      const at = new Date(AT);
      assert.deepEqual(rows, [
        {
          message_id: uuid(1_099),
          at,
          kind: 'login',
          site_id: 'WY-ALPHA',
          session_id: uuid(1_099),
          ...nothing,
        },
        {
          message_id: uuid(1_100),
          at,
          kind: 'activity',
          site_id,
          session_id: null,
          ...activity(1, AT, 'idle').metrics,
        },
      ]);
    });

    it('are stored once: some of them before, and one twice', async () => {
      const known = batch(1_000, 'login', AT);
      const fresh = batch(1_200, 'logout', '2026-11-25T11:01:00Z');
      assert.equal(await storeUserEvents(client, [...known, ...fresh, ...fresh.slice(0, 3)]), 100);
      assert.equal(await open(), 0, 'and their sessions have ended');
      assert.equal(await storeUserEvents(client, [...known, ...fresh]), 0);
    });

    it('change a session without a new entry in any index', async () => {
      const hot = async (): Promise<{ updates: number; hot: number }> => {
        const { rows } = await client.query(
          `SELECT pg_stat_force_next_flush(), pg_stat_clear_snapshot(), n_tup_upd::integer AS updates,
             n_tup_hot_upd::integer AS hot FROM pg_stat_user_tables WHERE relname = 'user_session'`,
        );
        return rows[0];
      };
      await client.query('VACUUM FULL user_session');
      await hot();
      const before = await hot();
      // So few that the room which a page keeps free is enough for them.
      await storeUserEvents(client, batch(1_400, 'login', '2026-11-25T11:02:00Z').slice(0, 10));
      await hot();
      const now = await hot();
      assert.deepEqual([now.updates - before.updates, now.hot - before.hot], [10, 10]);
    });
  });
});
