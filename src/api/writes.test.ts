import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type pg from 'pg';
import { pino } from 'pino';
import { Value } from 'typebox/value';
import { sleep } from '../lib/clock.ts';
import type { Api } from '../lib/http-app.ts';
import { ErrorBody } from '../lib/http-schemas.ts';
import { LeaderPool } from '../lib/leader-pool.ts';
import type { SseClients } from '../lib/sse.ts';
import { startTestDatabase, type TestDatabase } from '../lib/test-database.ts';
import { TestRelay } from '../lib/test-relay.ts';
import { TestWatch } from '../lib/test-watch.ts';
import { type Topology, topology } from '../lib/topology.ts';
import { WriteProbesBody } from './schemas.ts';
import { testServer } from './server.fixture.ts';

let streams: SseClients;
let database: TestDatabase;
let admin: pg.Client;
let holder: pg.Client;
let relay: TestRelay;
let watch: TestWatch;
let pool: LeaderPool;
let app: Api;
let cluster: { viewAgeMs: number };

before(async () => {
  database = await startTestDatabase();
  const owner = await database.connect();
  // So that a test can stop a write between its key and its end; see `holdEffects`.
  await owner.query(`CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$`);
  await owner.query('CREATE TRIGGER pass BEFORE INSERT ON write_probe FOR EACH ROW EXECUTE FUNCTION pass()');
  await owner.end();
});
after(() => database.stop());

beforeEach(async () => {
  relay = new TestRelay(database.port);
  const defaults = topology(0);
  const at: Topology = { ...defaults, region1: { ...defaults.region1, postgres: await relay.listen() } };
  watch = new TestWatch(at, { epoch: 1, leader: 'region1' });
  pool = new LeaderPool({
    topology: at,
    watch,
    user: 'tier0_api',
    password: '',
    log: pino({ level: 'silent' }),
    maxConnections: 4,
    applicationName: 'writes-test',
    // Leaders come and go at once here, which is not what these tests are about.
    hold: { windowMs: 3_000, minBetweenFailoversMs: 0 },
  });
  ({ app, cluster, streams } = await testServer({ maxStreams: 1, db: pool }));
  admin = await database.connect();
  holder = await database.connect();
  // The first work proves the leader; a test that cuts connections means the ones after it.
  await pool.query('SELECT 1');
});

afterEach(async () => {
  await holder.end();
  streams.close();
  await app.close();
  await pool.close();
  await relay.close();
  await admin.query('TRUNCATE write_probe, idempotency_key, drill_report');
  await admin.end();
});

/** Awaited inside: `inject` sends nothing before somebody waits for it. */
const post = async (payload: object, headers: Record<string, string> = {}) =>
  await app.inject({ method: 'POST', url: '/api/write-probes', headers, payload });

const write = (seq: number, key: string) => post({ writer: 'w', seq }, { 'idempotency-key': key });

async function stored(): Promise<number[]> {
  const { rows } = await admin.query<{ seq: string }>('SELECT seq FROM write_probe ORDER BY seq');
  return rows.map(({ seq }) => Number(seq));
}

/** Writes stop after their key is written and before their effect is, until `letEffectsPass`. */
const holdEffects = () => holder.query('SELECT pg_advisory_lock(1)');
const letEffectsPass = () => holder.query('SELECT pg_advisory_unlock(1)');

/** Waits until so many sessions of the pool are in this state. */
async function untilWaiting(kind: 'Lock' | 'IPC', count: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { rowCount } = await admin.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = $1 AND application_name = 'writes-test'",
      [kind],
    );
    if (rowCount === count) return;
    await sleep(20);
  }
  assert.fail(`no ${count} sessions wait for ${kind}`);
}

describe('a write is done once', () => {
  it('and answered alike when it is sent again', async () => {
    const first = await write(7, 'k');
    const second = await write(7, 'k');
    assert.deepEqual([first.statusCode, second.statusCode], [201, 201]);
    assert.equal(first.body, '{"writer":"w","seq":7}');
    assert.equal(second.body, first.body);
    assert.equal(first.headers['idempotency-replayed'], undefined);
    assert.equal(second.headers['idempotency-replayed'], 'true');
    assert.deepEqual(await stored(), [7]);
  });

  it('when the same request comes many times at once: one does it, the others wait and answer alike', async () => {
    await holdEffects();
    const answers = Promise.all([write(1, 'k'), write(1, 'k'), write(1, 'k')]);
    await untilWaiting('Lock', 3);
    await letEffectsPass();
    const done = await answers;
    assert.deepEqual(
      done.map(({ statusCode, body }) => [statusCode, body]),
      Array.from({ length: 3 }, () => [201, '{"writer":"w","seq":1}']),
    );
    assert.equal(done.filter(({ headers }) => headers['idempotency-replayed'] === 'true').length, 2);
    assert.deepEqual(await stored(), [1]);
  });

  it('and not at all when its key belongs to another request', async () => {
    await write(1, 'k');
    const other = await write(2, 'k');
    assert.equal(other.statusCode, 422);
    const { error, field } = Value.Parse(ErrorBody, other.json());
    assert.deepEqual([error, field], ['idempotency_key_reused', 'idempotency-key']);
    assert.deepEqual(await stored(), [1]);
  });

  it('each, without keys; the answer tells the key it was given', async () => {
    const [first, second] = [await post({ writer: 'w', seq: 1 }), await post({ writer: 'w', seq: 1 })];
    assert.notEqual(first.headers['idempotency-key'], second.headers['idempotency-key']);
    assert.deepEqual(await stored(), [1, 1]);
    const again = await write(1, String(first.headers['idempotency-key']));
    assert.equal(again.headers['idempotency-replayed'], 'true');
  });

  it('when the answer to its commit is lost', async () => {
    relay.cutOnce(
      (from, text) => from === 'server' && text.includes('request_hash') && text.includes('SELECT 1\0'),
    );
    assert.equal((await write(1, 'k')).statusCode, 201);
    assert.equal(relay.cuts, 1);
    assert.deepEqual(await stored(), [1]);
  });

  it('when it is lost on its way', async () => {
    relay.cutOnce((from, text) => from === 'client' && text.includes('INSERT INTO idempotency_key'));
    assert.equal((await write(1, 'k')).statusCode, 201);
    assert.equal(relay.cuts, 1);
    assert.deepEqual(await stored(), [1]);
  });

  it('when its session is ended in the middle', async () => {
    await holdEffects();
    const answer = write(1, 'k');
    await untilWaiting('Lock', 1);
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'writes-test'",
    );
    await letEffectsPass();
    assert.equal((await answer).statusCode, 201);
    assert.deepEqual(await stored(), [1]);
  });

  it('when its connection is lost while the server goes on with it', async () => {
    await holdEffects();
    const answer = write(1, 'k');
    await untilWaiting('Lock', 1);
    relay.abandonClients();
    await untilWaiting('Lock', 2);
    await letEffectsPass();
    assert.equal((await answer).statusCode, 201);
    assert.deepEqual(await stored(), [1]);
  });

  it('when there is no leader for a while: it is held', async () => {
    watch.lead(null);
    const answer = write(1, 'k');
    for (let attempt = 0; attempt < 200 && pool.held.waiting === 0; attempt++) await sleep(10);
    assert.equal(pool.held.waiting, 1);
    watch.lead({ epoch: 2, leader: 'region1' });
    assert.equal((await answer).statusCode, 201);
    assert.deepEqual(await stored(), [1]);
  });
});

describe('an answer waits for the sync set', () => {
  async function standby(name: string): Promise<void> {
    await admin.query(`ALTER SYSTEM SET synchronous_standby_names = '${name}'`);
    await admin.query('SELECT pg_reload_conf()');
    await sleep(100);
  }
  afterEach(() => standby(''));

  it('also when PostgreSQL says success to a wait that was cancelled (H2)', async () => {
    await standby('nobody');
    let answered = false;
    const answer = write(1, 'k').then((response) => {
      answered = true;
      return response;
    });
    await untilWaiting('IPC', 1);
    await admin.query(
      "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE application_name = 'writes-test' AND wait_event = 'SyncRep'",
    );
    // The row is there; whether a standby has it is not known, so the write asks again and waits.
    await untilWaiting('IPC', 1);
    assert.equal(answered, false);
    assert.deepEqual(await stored(), [1]);
    await standby('');
    assert.equal((await answer).statusCode, 201);
    assert.deepEqual(await stored(), [1]);
  });

  it('also when it is given again', async () => {
    await write(1, 'k');
    await standby('nobody');
    const again = write(1, 'k');
    await untilWaiting('IPC', 1);
    await standby('');
    assert.equal((await again).headers['idempotency-replayed'], 'true');
  });
});

describe('availability', () => {
  it('a write does not depend on a fresh view: its commit is the proof', async () => {
    cluster.viewAgeMs = 5_000;
    assert.equal((await write(1, 'k')).statusCode, 201);
    assert.equal((await app.inject('/api/write-probes?writer=w')).statusCode, 503);
  });

  it('without a leader it is 503 when its time is over, with the key to ask again under', async () => {
    watch.lead(null);
    const answer = await post({ writer: 'w', seq: 1 });
    assert.equal(answer.statusCode, 503);
    assert.equal(answer.headers['retry-after'], '1');
    watch.lead({ epoch: 2, leader: 'region1' });
    assert.equal((await write(1, String(answer.headers['idempotency-key']))).statusCode, 201);
    assert.deepEqual(await stored(), [1]);
  });
});

describe('the ledger of probes', () => {
  it('has every number with how often it is stored, page by page', async () => {
    for (const seq of [1, 2, 2, 5]) await post({ writer: 'w', seq });
    await post({ writer: 'other', seq: 3 });
    const read = async (query: string): Promise<WriteProbesBody> =>
      Value.Parse(WriteProbesBody, (await app.inject(`/api/write-probes?writer=w${query}`)).json());
    assert.deepEqual(await read(''), {
      writer: 'w',
      rows: 4,
      distinct: 3,
      seqs: [
        { seq: 1, count: 1 },
        { seq: 2, count: 2 },
        { seq: 5, count: 1 },
      ],
      next_after: null,
    });
    const page = await read('&limit=2');
    assert.deepEqual([page.seqs.length, page.next_after], [2, 2]);
    assert.deepEqual((await read('&limit=2&after=2')).seqs, [{ seq: 5, count: 1 }]);
  });
});

describe('drill reports', () => {
  it('none: an empty list, and 404 for any', async () => {
    assert.deepEqual((await app.inject('/api/drills')).json(), { total: 0, drills: [] });
    assert.equal((await app.inject('/api/drills/none')).statusCode, 404);
  });
});
