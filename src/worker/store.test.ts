import assert from 'node:assert/strict';
import { it } from 'node:test';
import { wallMs } from '../lib/clock.ts';
import { startTestDatabase } from '../lib/test-database.ts';
import { storeUserEvents } from '../lib/user-event-store.ts';
import { session, uuid } from '../lib/user-events.fixture.ts';
import type { SessionEvent } from '../lib/user-events.ts';
import { readPicture } from '../lib/user-picture.ts';
import { closeSilentSessions, trimOldest } from './store.ts';

it('of the access log the newest entries are kept', async () => {
  const database = await startTestDatabase();
  const client = await database.connect();
  try {
    await client.query(`
      INSERT INTO access_log (entry_id, at, source, remote, method, path, protocol, status, bytes)
      SELECT gen_random_uuid(), '2026-01-01'::timestamptz + n * interval '1 minute', 'test', '::1', 'GET', '/' || n,
             '-', 200, 0
      FROM generate_series(1, 40) n`);
    assert.equal(await trimOldest(client, 'access_log', 10), 0, 'not counted yet');
    await client.query('ANALYZE access_log');
    assert.equal(await trimOldest(client, 'access_log', 40), 0);
    assert.equal(await trimOldest(client, 'access_log', 10), 30);
    const { rows } = await client.query<{ path: string }>('SELECT path FROM access_log ORDER BY at LIMIT 1');
    assert.equal(rows[0]?.path, '/31');
  } finally {
    await client.end();
    await database.stop();
  }
});

it('a session is over when its site reports without it, not while its site is silent', async () => {
  const database = await startTestDatabase();
  const client = await database.connect();
  try {
    await client.query(`
      INSERT INTO user_session (session_id, user_id, username, site_id, region, ip_address, login_at, status, changed_at)
      SELECT ('00000000-0000-0000-0000-00000000000' || no)::uuid, 'USER', name, site, 'APAC', '::1', now(), 'active',
        now() - ago
      FROM (VALUES
        (1, 'left', 'WY-ALPHA', interval '5 minutes'),
        (2, 'reported', 'WY-ALPHA', interval '10 seconds'),
        (3, 'site is silent', 'TX-EAGLE', interval '5 minutes'),
        (4, 'site is silent for a day', 'TX-EAGLE', interval '1 day'),
        (5, 'a week ago', 'TX-EAGLE', interval '8 days')
      ) AS session (no, name, site, ago)`);
    await client.query(`
      INSERT INTO user_event (message_id, at, kind, site_id)
      VALUES (gen_random_uuid(), now(), 'activity', 'WY-ALPHA')`);
    assert.equal(await closeSilentSessions(client), 1, 'removed');
    const { rows } = await client.query<{ username: string }>(
      "SELECT username FROM user_session WHERE status = 'active' ORDER BY session_id",
    );
    assert.deepEqual(
      rows.map(({ username }) => username),
      ['reported', 'site is silent'],
    );
  } finally {
    await client.end();
    await database.stop();
  }
});

it('a session that is over is settled once nobody is heard of it, and open again when somebody is', async () => {
  const database = await startTestDatabase();
  const client = await database.connect();
  try {
    const said = (n: number, kind: 'login' | 'logout', agoMs: number): SessionEvent => ({
      ...session(n, kind, new Date(wallMs() - agoMs).toISOString()),
      session_id: uuid(n % 2),
    });
    await storeUserEvents(client, [said(2, 'logout', 180_000), said(3, 'logout', 60_000)]);
    await closeSilentSessions(client);
    const settled = async (): Promise<unknown[]> =>
      (await client.query('SELECT settled FROM user_session ORDER BY session_id')).rows.map(
        (row) => row.settled,
      );
    assert.deepEqual(await settled(), [true, false]);
    await storeUserEvents(client, [said(4, 'login', 0)]);
    assert.deepEqual(await settled(), [false, false]);
    const { sessions } = await readPicture(client, wallMs());
    assert.deepEqual(
      sessions.map(({ session_id }) => session_id),
      [uuid(0)],
    );
  } finally {
    await client.end();
    await database.stop();
  }
});
