import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import { pino } from 'pino';
import { monotonicMs, sleep } from './clock.ts';
import { UnavailableError } from './errors.ts';
import { isConnectionFailure, LeaderPool } from './leader-pool.ts';
import { freePort, startTestDatabase, type TestDatabase } from './test-database.ts';
import { TestRelay } from './test-relay.ts';
import { TestWatch } from './test-watch.ts';
import { type Topology, topology } from './topology.ts';
import { inRequest } from './tracing.ts';

const withCode = (code: string): Error => Object.assign(new Error('x'), { code });

it('failures of the connection or the server are told from those of the statement', () => {
  for (const code of [
    '08000',
    '08006',
    '57P01',
    '57P02',
    '57P03',
    '25006',
    '28000',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
  ]) {
    assert.equal(isConnectionFailure(withCode(code)), true, code);
  }
  for (const message of [
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
  ]) {
    assert.equal(isConnectionFailure(new Error(message)), true, message);
  }
  for (const code of ['23505', '23514', '40001', '40P01', '42601', '57014', '53100', '28P01', '22P02']) {
    assert.equal(isConnectionFailure(withCode(code)), false, code);
  }
  assert.equal(isConnectionFailure(new Error('a bug')), false);
  assert.equal(isConnectionFailure('ECONNREFUSED'), false);
});

describe('LeaderPool', () => {
  let database: TestDatabase;
  /** In front of region1 and region2, which are the same server here. */
  let relays: readonly [TestRelay, TestRelay];
  let at: Topology;
  let watch: TestWatch;
  let pool: LeaderPool;

  before(async () => {
    database = await startTestDatabase();
  });
  after(() => database.stop());

  beforeEach(async () => {
    relays = [new TestRelay(database.port), new TestRelay(database.port)];
    const defaults = topology(0);
    at = {
      ...defaults,
      region1: { ...defaults.region1, postgres: await relays[0].listen() },
      region2: { ...defaults.region2, postgres: await relays[1].listen() },
    };
    watch = new TestWatch(at);
    pool = newPool(at);
  });

  afterEach(async () => {
    await pool.close();
    for (const relay of relays) await relay.close();
  });

  function newPool(where: Topology): LeaderPool {
    return new LeaderPool({
      topology: where,
      watch,
      user: 'tier0_api',
      password: '',
      log: pino({ level: 'silent' }),
      maxConnections: 2,
      applicationName: 'leader-pool-test',
      hold: { windowMs: 1_500 },
    });
  }

  const port = async (): Promise<number> => {
    const { rows } = await pool.query<{ port: number }>("SELECT current_setting('port')::int AS port");
    return rows[0]?.port ?? 0;
  };

  /** Answers of `work`, which must come within `ms`. */
  async function soon<T>(ms: number, work: Promise<T>): Promise<T> {
    const startedMs = monotonicMs();
    const result = await work;
    assert.ok(monotonicMs() - startedMs < ms, `took ${monotonicMs() - startedMs} ms`);
    return result;
  }

  it('work that finds no leader goes to the next one when the record names it', async () => {
    const answers = Promise.all([port(), port(), port()]);
    await sleep(50);
    assert.equal(pool.held.waiting, 3);
    watch.lead({ epoch: 1, leader: 'region1' });
    assert.deepEqual(await soon(1_500, answers), [database.port, database.port, database.port]);
    assert.deepEqual([pool.held.held, pool.held.waiting], [3, 0]);
  });

  it('work without a leader is unavailable when its window is over', async () => {
    await assert.rejects(soon(4_000, port()), UnavailableError);
    assert.equal(pool.held.refused.window, 1);
  });

  it('a query that a frozen leader does not answer runs on its successor', async () => {
    watch.lead({ epoch: 1, leader: 'region1' });
    await Promise.all([pool.query('SELECT pg_sleep(0.05)'), pool.query('SELECT pg_sleep(0.05)')]);
    relays[0].freeze();
    const onIdle = port();
    await sleep(50);
    assert.equal(pool.held.waiting, 0);
    watch.lead({ epoch: 2, leader: 'region2' });
    assert.equal(await soon(1_500, onIdle), database.port);
    assert.equal(pool.held.failedOver, 1);
  });

  it('a connection that a frozen leader never accepts is given up when it is replaced', async () => {
    relays[0].freeze();
    watch.lead({ epoch: 1, leader: 'region1' });
    const answer = port();
    await sleep(50);
    watch.lead({ epoch: 2, leader: 'region2' });
    assert.equal(await soon(1_500, answer), database.port);
  });

  it('connections to the other region are open before it leads', async () => {
    watch.lead({ epoch: 1, leader: 'region1' });
    await port();
    const deadlineMs = monotonicMs() + 10_000;
    while (relays[1].connections < 2 && monotonicMs() < deadlineMs) await sleep(50);
    watch.lead({ epoch: 2, leader: 'region2' });
    assert.equal(await port(), database.port);
    assert.equal(relays[1].connections, 2, 'the ones that were kept serve');
  });

  it('a frozen leader does not keep the pool from closing', async () => {
    watch.lead({ epoch: 1, leader: 'region1' });
    await port();
    relays[0].freeze();
    await soon(1_500, pool.close());
  });

  it('a new leader that does not let clients in yet is asked again until it does', async () => {
    const late = new TestRelay(database.port);
    const where = { ...at, region1: { ...at.region1, postgres: await freePort() } };
    await pool.close();
    pool = newPool(where);
    watch.lead({ epoch: 1, leader: 'region1' });
    const answer = port();
    await sleep(60);
    await late.listen(where.region1.postgres);
    assert.equal(await soon(1_500, answer), database.port);
    await pool.close();
    await late.close();
  });

  it("a statement of a request has the request's id, where PostgreSQL shows what it does", async () => {
    watch.lead({ epoch: 1, leader: 'region1' });
    const requestId = '0123456789abcdef0123456789abcdef';
    const { rows } = await inRequest({ requestId, span: null }, () =>
      pool.query<{ query: string }>('SELECT query FROM pg_stat_activity WHERE pid = pg_backend_pid()'),
    );
    assert.match(rows[0]?.query ?? '', new RegExp(`^/\\*request_id='${requestId}'\\*/ SELECT query`));
  });

  it("an error of the statement is the caller's, and nobody else waits for it", async () => {
    watch.lead({ epoch: 1, leader: 'region1' });
    await assert.rejects(pool.query('SELECT 1/0'), { code: '22012' });
    assert.equal(await port(), database.port);
    assert.equal(pool.held.failedOver, 0);
  });
});
