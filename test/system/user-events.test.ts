/** Sessions and activity through RabbitMQ into PostgreSQL, with nodes, workers and messages that fail. */
import assert from 'node:assert/strict';
import { get } from 'node:http';
import { after, before, describe, type TestContext, test } from 'node:test';
import { Value } from 'typebox/value';
import { UsersBody } from '../../src/api/user-schemas.ts';
import { sleep } from '../../src/lib/clock.ts';
import { until } from '../../src/lib/eventually.ts';
import { DEAD_LETTERS, queuesExist, USER_EVENTS } from '../../src/lib/rabbitmq.ts';
import { readSecrets } from '../../src/lib/secrets.ts';
import { DATA_REGIONS } from '../../src/lib/topology.ts';
import { accessCode, userOf } from '../../src/lib/users.ts';
import { tier0 } from './harness/command.ts';
import { EventSender, loginEvent, queueOf } from './harness/event-sender.ts';
import { type System, startSystem } from './harness/system.ts';

const JOIN_MS = 180_000;
const TRUSTED = '127.0.0.66';

let system: System;
before(async () => {
  system = await startSystem({ rabbitmq: true, args: ['--trust-proxy', TRUSTED] });
  await system.inMode('strict');
  const connection = queueOf(system);
  try {
    await until(
      'the queues are there',
      JOIN_MS,
      async () => connection.ready && (await queuesExist(connection)),
    );
  } finally {
    connection.unsafeDestroy();
  }
});
after(() => system?.stop());

const front = (path: string): string => `http://${system.at.host}:${system.at.edge.api}${path}`;

async function logIn(no: number, key: string, code?: string) {
  const { username } = userOf(no);
  const response = await fetch(front('/api/sessions'), {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({
      username,
      access_code: code ?? accessCode(readSecrets(system.dataDir).users, username),
    }),
  });
  return { status: response.status, body: Object(await response.json()) as Record<string, string> };
}

const users = async (query: string): Promise<UsersBody> =>
  Value.Parse(UsersBody, (await system.api(`/api/users${query}`)).body);

const storedOf = async (ids: readonly string[]): Promise<number> => {
  const [row] = await system.sql<{ stored: number }>(
    'SELECT count(*)::integer AS stored FROM user_event WHERE message_id = ANY($1::uuid[])',
    [ids],
  );
  return row?.stored ?? 0;
};

/** Prints what became of the confirmed events. The table's key makes a second row of one impossible. */
async function assertLedger(t: TestContext, sender: EventSender): Promise<void> {
  const { confirmed, refused } = sender;
  assert.ok(confirmed.length > 0, 'something was confirmed');
  let stored = 0;
  try {
    await until('all that was confirmed is stored', 60_000, async () => {
      stored = await storedOf(confirmed);
      return stored === confirmed.length;
    });
  } finally {
    const lost = confirmed.length - stored;
    t.diagnostic(`confirmed ${confirmed.length}, lost ${lost}, duplicated 0, told to wait ${refused}`);
  }
}

async function whileSending(
  t: TestContext,
  nearest: 'region1' | 'region2' | 'witness',
  fault: (sender: EventSender) => Promise<void>,
): Promise<void> {
  const sender = new EventSender(system, nearest);
  const more = async (): Promise<void> => {
    const before = sender.confirmed.length;
    await until('events are confirmed', 60_000, () => sender.confirmed.length > before + 200);
  };
  try {
    await more();
    await fault(sender);
    await more();
  } finally {
    await sender.stop();
  }
  await assertLedger(t, sender);
}

describe('a session', () => {
  test('begins once however often its login is sent, is seen, and ends', async () => {
    const [first, second] = [await logIn(11, 'twice'), await logIn(11, 'twice')];
    assert.deepEqual([first.status, second.status], [201, 201]);
    assert.equal(first.body.session_id, second.body.session_id);
    assert.equal(first.body.stored_by, 'queue');
    const { session_id: id = '' } = first.body;
    await until('it is on', 10_000, async () => {
      const { sessions } = await users('?status=active&search=USER-00011');
      return sessions.length === 1 && sessions[0]?.session_id === id;
    });
    const out = () => fetch(front(`/api/sessions/${id}`), { method: 'DELETE' });
    assert.deepEqual([(await out()).status, (await out()).status], [204, 204]);
    await until('it is off', 10_000, async () => (await users('?search=USER-00011')).matching === 0);
    const events = await system.sql<{ kind: string }>(
      'SELECT kind FROM user_event WHERE session_id = $1 ORDER BY at',
      [id],
    );
    assert.deepEqual(
      events.map(({ kind }) => kind),
      ['login', 'logout'],
    );
  });

  test('is refused with the reason: wrong code, unknown user, unknown session, missing field', async () => {
    assert.equal((await logIn(12, 'wrong', 'not-the-code')).body.error, 'wrong_credentials');
    const unknown = await fetch(front('/api/sessions/00000001-0000-0000-0000-000000000000'), {
      method: 'DELETE',
    });
    assert.equal(unknown.status, 404);
    const empty = await fetch(front('/api/sessions'), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"username":"x"}',
    });
    assert.deepEqual([empty.status, Object(await empty.json()).field], [400, 'access_code']);
    for (const query of ['?limit=0', '?limit=5001', '?status=away', '?region=MOON', '?offset=-1', '?who=me'])
      assert.equal((await system.api(`/api/users${query}`)).status, 400, query);
  });
});

describe('a client address', () => {
  const ask = (localAddress: string, claimed: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const { host, edge } = system.at;
      const headers = { 'x-forwarded-for': claimed };
      const options = {
        host,
        port: edge.api,
        path: `/api/sites?as=${claimed}`,
        headers,
        localAddress,
        agent: false,
      };
      get(options, (response) => {
        response.resume().once('end', resolve);
      }).once('error', reject);
    });
  const logged = async (claimed: string): Promise<string[]> => {
    let rows: { remote: string }[] = [];
    await until('the request is in the log', 20_000, async () => {
      rows = await system.sql('SELECT remote FROM access_log WHERE path LIKE $1', [`%as=${claimed}`]);
      return rows.length === 1;
    });
    return rows.map(({ remote }) => remote);
  };

  test('is what a trusted proxy says', async () => {
    await ask(TRUSTED, '198.51.100.7');
    assert.deepEqual(await logged('198.51.100.7'), ['198.51.100.7']);
    await ask(TRUSTED, '2001:db8::7');
    assert.deepEqual(await logged('2001:db8::7'), ['2001:db8::7']);
  });

  test('cannot be made up by anybody else', async () => {
    await ask('127.0.0.1', '198.51.100.8');
    assert.deepEqual(await logged('198.51.100.8'), ['127.0.0.1']);
  });

  test('is not taken from what a client wrote before the proxy added its own', async () => {
    await ask(TRUSTED, '203.0.113.9,198.51.100.9');
    assert.deepEqual(await logged('203.0.113.9,198.51.100.9'), ['198.51.100.9']);
  });
});

describe('a message', () => {
  const send = async (body: Buffer | object, messageId: string, times = 1): Promise<void> => {
    const connection = queueOf(system);
    const publisher = connection.createPublisher({ confirm: true });
    const envelope = { routingKey: USER_EVENTS, durable: true, mandatory: true, messageId };
    for (let i = 0; i < times; i++) await publisher.send(envelope, body);
    await publisher.close();
    connection.unsafeDestroy();
  };
  const dlq = async (...words: string[]) => tier0(['dlq', ...words, ...system.where]);
  const letters = async (): Promise<{ id: string; reason: string }[]> =>
    JSON.parse((await dlq('list', '--json')).stdout);

  test('that comes three times is stored once', async () => {
    const event = loginEvent(21);
    await send(event, event.message_id, 3);
    await until('it is stored', 10_000, async () => (await storedOf([event.message_id])) === 1);
  });

  test('that can never be stored is a dead letter with its reason, and keeps nothing back', async () => {
    await send(Buffer.from([0, 255, 1]), 'binary');
    await send({ ...loginEvent(22), session_id: 'no-uuid' }, 'bad-session');
    await send({ ...loginEvent(22), timestamp_utc: '2026-13-45T99:00:00Z' }, 'bad-date');
    await send({ site_id: 'WY-ALPHA' }, 'half');
    const good = loginEvent(23);
    await send(good, good.message_id);
    await until('the good one is stored', 10_000, async () => (await storedOf([good.message_id])) === 1);
    const reasons = new Map((await letters()).map(({ id, reason }) => [id, reason]));
    assert.match(reasons.get('binary') ?? '', /not JSON/);
    assert.match(reasons.get('bad-session') ?? '', /session_id/);
    assert.match(reasons.get('bad-date') ?? '', /2026-13-45T99:00:00Z/);
    assert.match(reasons.get('half') ?? '', /message_id|metrics|required/);
  });

  test('that is a dead letter can be sent again or dropped; what is not named stays', async () => {
    assert.match(
      (await dlq('replay', 'half', 'nobody')).stdout,
      /1 sent again, 3 left\nthere is no dead letter nobody/,
    );
    await until('it is dead again', 10_000, async () => (await letters()).length === 4);
    assert.match((await dlq('drop', 'half')).stdout, /1 dropped, 3 left/);
    assert.match((await dlq('drop', '--all')).stdout, /3 dropped, 0 left/);
    assert.match((await dlq()).stdout, /no dead letters/);
    assert.match((await dlq('drop')).stderr, /takes the ids of dead letters, or --all/);
  });

  test(`to ${DEAD_LETTERS} and back loses nothing: one that was refused for a fault that is mended is stored`, async () => {
    const event = loginEvent(24);
    const connection = queueOf(system);
    const publisher = connection.createPublisher({ confirm: true });
    await publisher.send({ routingKey: DEAD_LETTERS, durable: true, messageId: event.message_id }, event);
    await publisher.close();
    connection.unsafeDestroy();
    assert.match((await dlq('replay', '--all')).stdout, /1 sent again, 0 left/);
    await until('it is stored', 10_000, async () => (await storedOf([event.message_id])) === 1);
  });
});

describe('no confirmed event is lost', () => {
  for (const victim of ['region1', 'region2', 'witness'] as const) {
    test(`when the node of ${victim} is killed and starts again`, async (t) => {
      await whileSending(t, 'region1', async () => {
        const pid = system.signal(victim, 'rabbitmq', 'SIGKILL');
        await system.restarted(victim, 'rabbitmq', pid);
      });
    });
  }

  test('when epmd is killed: it is started by its supervisor and by nobody else', async (t) => {
    await whileSending(t, 'region1', async () => {
      const pid = system.signal('edge', 'epmd', 'SIGKILL');
      const again = await system.restarted('edge', 'epmd', pid);
      await sleep(3_000);
      assert.equal(system.pidOf('edge', 'epmd'), again);
    });
  });

  test('when both workers are killed in the middle of a batch', async (t) => {
    await whileSending(t, 'region2', async () => {
      for (const region of DATA_REGIONS) {
        const pid = system.signal(region, 'worker', 'SIGKILL');
        await system.restarted(region, 'worker', pid);
      }
    });
  });

  test('when the leading region is killed', async (t) => {
    const { leader } = await system.inMode('strict', 60_000);
    await whileSending(t, 'witness', async () => {
      system.signalRegion(leader, 'SIGKILL');
      await until('the other leads', 20_000, async () => (await system.record()).leader !== leader);
    });
    await system.inMode('strict', 90_000);
  });

  test('when two of three nodes hang: senders are told and wait, users log in all the same', async (t) => {
    await until('all nodes run', JOIN_MS, () =>
      (['region1', 'region2', 'witness'] as const).every(
        (member) => system.pidOf(member, 'rabbitmq') !== null,
      ),
    );
    await whileSending(t, 'region1', async (sender) => {
      const frozen = (['region2', 'witness'] as const).map(
        (member) => [member, system.signal(member, 'rabbitmq', 'SIGSTOP')] as const,
      );
      try {
        await sleep(1_000);
        const before = sender.refused;
        const { status, body } = await logIn(31, 'without a queue');
        assert.deepEqual([status, body.stored_by], [201, 'database']);
        await until('senders are told', 20_000, () => sender.refused > before);
      } finally {
        for (const [member] of frozen) system.signal(member, 'rabbitmq', 'SIGCONT');
      }
    });
  });
});
