/** Longer than 300 lines because all of its tests share one PostgreSQL, which takes seconds to start. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, beforeEach, describe, it } from 'node:test';
import type pg from 'pg';
import { pino } from 'pino';
import { sleep } from '../lib/clock.ts';
import { LeaderPool } from '../lib/leader-pool.ts';
import { startTestDatabase, type TestDatabase } from '../lib/test-database.ts';
import { TestRelay } from '../lib/test-relay.ts';
import { TestWatch } from '../lib/test-watch.ts';
import { type Topology, topology } from '../lib/topology.ts';
import { Batch } from './batch.ts';
import { Committer, type Outcome } from './committer.ts';
import type { ReadingParser } from './reading.ts';
import { NOW_MS, type SampleReading, sampleParser, turbineReading, turbineTopic } from './sample-readings.ts';

const log = pino({ level: 'silent' });

let database: TestDatabase;
let admin: pg.Client;
let relay: TestRelay;
let pool: LeaderPool;
let stop: AbortController;
let committer: Committer;
let parser: ReadingParser;

before(async () => {
  database = await startTestDatabase();
});
after(() => database.stop());

beforeEach(async () => {
  relay = new TestRelay(database.port);
  const port = await relay.listen();
  const defaults = topology(0);
  const at: Topology = { ...defaults, region1: { ...defaults.region1, postgres: port } };
  pool = new LeaderPool({
    topology: at,
    watch: new TestWatch(at, { epoch: 1, leader: 'region1' }),
    user: 'tier0_ingest',
    password: '',
    log,
    maxConnections: 3,
    applicationName: 'committer-test',
  });
  stop = new AbortController();
  committer = newCommitter(0);
  parser = sampleParser();
  admin = await database.connect();
});

afterEach(async () => {
  stop.abort();
  await pool.close();
  await relay.close();
  await admin.query('DROP TRIGGER IF EXISTS fault ON ingest_ledger');
  await admin.query('TRUNCATE reading, reading_context, reject, ingest_ledger');
  await admin.end();
});

const instance = randomUUID();

function newCommitter(lane: number): Committer {
  return new Committer({
    pool,
    log,
    instance,
    lane,
    region: 'region1',
    partitionMinutes: 60,
    signal: stop.signal,
  });
}

/** A batch of readings [turbine, seconds after NOW_MS]. */
function batchOf(
  readings: readonly (readonly [no: number, seconds: number])[],
  changes: SampleReading = {},
): Batch {
  const batch = new Batch(Math.max(1, readings.length));
  for (const [no, seconds] of readings) {
    const payload = JSON.stringify(turbineReading(no, seconds, changes));
    assert.equal(parser.add(batch, turbineTopic(no), payload, NOW_MS + 100), null);
  }
  return batch;
}

/** As batchOf, with the contexts stored already, so that the batch takes the way of a single round trip. */
async function plainBatchOf(readings: readonly (readonly [no: number, seconds: number])[]): Promise<Batch> {
  const first = batchOf([...new Set(readings.map(([no]) => no))].map((no) => [no, -3_600]));
  await committer.commit(first);
  parser.contextsStored(first);
  await admin.query('TRUNCATE reading');
  await admin.query('UPDATE ingest_ledger SET committed = 0, duplicates = 0, rejected = 0');
  const batch = batchOf(readings);
  assert.equal(batch.contexts.size, 0);
  return batch;
}

async function stored(): Promise<string[]> {
  const { rows } = await admin.query<{ row: string }>(
    "SELECT device_no || ' ' || extract(epoch FROM ts - $1)::int AS row FROM reading ORDER BY device_no, ts",
    [new Date(NOW_MS)],
  );
  return rows.map(({ row }) => row);
}

/** The ledger's counters over all lanes. */
async function ledger(): Promise<Outcome & { rejected: number }> {
  const { rows } = await admin.query<Record<'committed' | 'duplicates' | 'rejected', string>>(
    'SELECT sum(committed) AS committed, sum(duplicates) AS duplicates, sum(rejected) AS rejected FROM ingest_ledger',
  );
  const [sums] = rows;
  return {
    committed: Number(sums?.committed),
    duplicates: Number(sums?.duplicates),
    rejected: Number(sums?.rejected),
  };
}

async function isExact(outcome: Outcome, expected: Outcome, rows: readonly string[]): Promise<void> {
  assert.deepEqual(outcome, expected);
  assert.deepEqual(await ledger(), { ...expected, rejected: 0 });
  assert.deepEqual(await stored(), rows);
}

/** Waits until another session of ours is held up by a lock. */
async function untilBlocked(): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const { rowCount } = await admin.query(
      "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'committer-test'",
    );
    if (rowCount !== 0) return;
    await sleep(20);
  }
  assert.fail('no session waits for a lock');
}

describe('what is stored', () => {
  it('is the reading with its context, NaN for a missing metric, and the unknown metrics', async () => {
    const batch = batchOf([[1, 0]], { metrics: { rpm: 1.25, oddity: 7 } });
    assert.deepEqual(await committer.commit(batch), { committed: 1, duplicates: 0 });
    const { rows } = await admin.query(
      `SELECT ts, received_at, device_no, state, metrics, extra, body ->> 'firmware' AS firmware
       FROM reading JOIN reading_context USING (context)`,
    );
    const none = Number.NaN;
    assert.deepEqual(rows, [
      {
        ts: new Date(NOW_MS),
        received_at: new Date(NOW_MS + 100),
        device_no: 1,
        state: 0,
        metrics: [1.25, none, none, none, none, none, none, none],
        extra: { oddity: 7 },
        firmware: '3.2.1',
      },
    ]);
  });

  it('is the reject with its reason', async () => {
    const batch = batchOf([[1, 0]]);
    batch.rejects.push({
      receivedMs: NOW_MS,
      reason: 'wrong_type',
      field: null,
      topic: 'a"b',
      payload: '{\\,"',
    });
    assert.deepEqual(await committer.commit(batch), { committed: 1, duplicates: 0 });
    const { rows } = await admin.query(
      'SELECT received_at, region, reason, field, topic, payload FROM reject',
    );
    const expected = { region: 'region1', reason: 'wrong_type', field: null, topic: 'a"b', payload: '{\\,"' };
    assert.deepEqual(rows, [{ received_at: new Date(NOW_MS), ...expected }]);
    assert.deepEqual(await ledger(), { committed: 1, duplicates: 0, rejected: 1 });
  });

  it('spreads over the partitions that the readings need', async () => {
    await committer.commit(
      batchOf([
        [1, -7_200],
        [1, -3_600],
        [1, 0],
      ]),
    );
    const { rows } = await admin.query('SELECT DISTINCT tableoid FROM reading');
    assert.equal(rows.length, 3);
  });
});

describe('a duplicate is stored once', () => {
  it('within a batch', async () => {
    const outcome = await committer.commit(
      batchOf([
        [1, 0],
        [1, 0],
        [2, 0],
        [1, 1],
        [1, 0],
      ]),
    );
    await isExact(outcome, { committed: 3, duplicates: 2 }, ['1 0', '1 1', '2 0']);
  });

  it('across batches', async () => {
    await committer.commit(
      batchOf([
        [1, 0],
        [1, 1],
      ]),
    );
    const outcome = await committer.commit(
      batchOf([
        [1, 1],
        [1, 2],
        [1, 0],
      ]),
    );
    assert.deepEqual(outcome, { committed: 1, duplicates: 2 });
    assert.deepEqual(await ledger(), { committed: 3, duplicates: 2, rejected: 0 });
    assert.deepEqual(await stored(), ['1 0', '1 1', '1 2']);
  });

  it('after a restart that has forgotten which readings came', async () => {
    await committer.commit(
      batchOf([
        [1, 0],
        [1, 1],
      ]),
    );
    parser = sampleParser();
    const again = batchOf([
      [1, 0],
      [1, 1],
      [1, 2],
    ]);
    assert.equal(again.suspects, 0);
    assert.deepEqual(await newCommitter(1).commit(again), { committed: 1, duplicates: 2 });
    assert.deepEqual(await stored(), ['1 0', '1 1', '1 2']);
  });

  it('across lanes at the same time', async () => {
    const first = batchOf([
      [1, 0],
      [2, 0],
      [3, 0],
    ]);
    const second = batchOf([
      [3, 0],
      [1, 0],
      [2, 0],
      [2, 1],
    ]);
    const outcomes = await Promise.all([newCommitter(1).commit(first), newCommitter(2).commit(second)]);
    const sum = (key: keyof Outcome): number => outcomes.reduce((total, outcome) => total + outcome[key], 0);
    assert.deepEqual([sum('committed'), sum('duplicates')], [4, 3]);
    assert.deepEqual(await stored(), ['1 0', '2 0', '2 1', '3 0']);
  });

  it('also when it is late and out of order', async () => {
    const outcome = await committer.commit(
      batchOf([
        [1, 5],
        [1, 3],
        [1, 4],
        [1, 3],
      ]),
    );
    await isExact(outcome, { committed: 3, duplicates: 1 }, ['1 3', '1 4', '1 5']);
  });
});

describe('an unknown outcome is found out', () => {
  const isReply = (tag: string) => (from: string, text: string) =>
    from === 'server' && text.includes(`${tag}\0`);

  it('COPY committed, its answer lost', async () => {
    const batch = await plainBatchOf([
      [1, 0],
      [1, 1],
    ]);
    relay.cutOnce(isReply('INSERT 0 1'));
    const outcome = await committer.commit(batch);
    assert.equal(relay.cuts, 1);
    await isExact(outcome, { committed: 2, duplicates: 0 }, ['1 0', '1 1']);
  });

  it('COPY lost on its way', async () => {
    const batch = await plainBatchOf([
      [1, 0],
      [1, 1],
    ]);
    relay.cutOnce((from, text) => from === 'client' && text.includes('PGCOPY'));
    const outcome = await committer.commit(batch);
    assert.equal(relay.cuts, 1);
    await isExact(outcome, { committed: 2, duplicates: 0 }, ['1 0', '1 1']);
  });

  it('COMMIT done, its answer lost', async () => {
    const batch = batchOf([
      [1, 0],
      [1, 0],
      [1, 1],
    ]);
    relay.cutOnce(isReply('COMMIT'));
    const outcome = await committer.commit(batch);
    assert.equal(relay.cuts, 1);
    await isExact(outcome, { committed: 2, duplicates: 1 }, ['1 0', '1 1']);
  });

  it('COMMIT lost on its way', async () => {
    const batch = batchOf([
      [1, 0],
      [1, 0],
      [1, 1],
    ]);
    relay.cutOnce((from, text) => from === 'client' && text.endsWith('COMMIT\0'));
    const outcome = await committer.commit(batch);
    assert.equal(relay.cuts, 1);
    await isExact(outcome, { committed: 2, duplicates: 1 }, ['1 0', '1 1']);
  });

  it('the answer to the question is lost as well', async () => {
    const batch = await plainBatchOf([[1, 0]]);
    relay.cutOnce((from, text) => {
      const cut = from === 'server' && text.includes('INSERT 0 1\0');
      if (cut) relay.cutOnce(isReply('INSERT 0 1'));
      return cut;
    });
    const outcome = await committer.commit(batch);
    assert.equal(relay.cuts, 2);
    await isExact(outcome, { committed: 1, duplicates: 0 }, ['1 0']);
  });

  it('the backend is ended in the middle of the transaction', async () => {
    const batch = await plainBatchOf([[1, 0]]);
    const holder = await database.connect();
    await holder.query('BEGIN; LOCK TABLE ingest_ledger IN ACCESS EXCLUSIVE MODE');
    const outcome = committer.commit(batch);
    await untilBlocked();
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'committer-test'",
    );
    await holder.query('ROLLBACK');
    await holder.end();
    await isExact(await outcome, { committed: 1, duplicates: 0 }, ['1 0']);
  });

  it('the lost connection commits only after the question was asked', async () => {
    const batch = await plainBatchOf([
      [1, 0],
      [1, 1],
    ]);
    const holder = await database.connect();
    await holder.query('BEGIN');
    await holder.query('SELECT FROM ingest_ledger FOR UPDATE');
    const outcome = committer.commit(batch);
    await untilBlocked();
    // The client's half goes without the server being told of it: its transaction is still under way.
    relay.abandonClients();
    await sleep(300);
    await holder.query('COMMIT');
    await holder.end();
    await isExact(await outcome, { committed: 2, duplicates: 0 }, ['1 0', '1 1']);
  });
});

describe('errors of the moment', () => {
  for (const state of ['40001', '40P01', '53100', '57P01']) {
    it(`SQLSTATE ${state} is tried again`, async () => {
      await admin.query(
        'CREATE SEQUENCE IF NOT EXISTS fault_seq; GRANT USAGE ON SEQUENCE fault_seq TO PUBLIC',
      );
      await admin.query('ALTER SEQUENCE fault_seq RESTART');
      await admin.query(`CREATE OR REPLACE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          IF nextval('fault_seq') <= 2 THEN RAISE EXCEPTION 'fault' USING ERRCODE = '${state}'; END IF;
          RETURN NEW;
        END $$`);
      await admin.query(
        'CREATE TRIGGER fault BEFORE INSERT ON ingest_ledger FOR EACH ROW EXECUTE FUNCTION fault()',
      );
      const outcome = await committer.commit(
        batchOf([
          [1, 0],
          [1, 0],
        ]),
      );
      await isExact(outcome, { committed: 1, duplicates: 1 }, ['1 0']);
    });
  }

  it('an error that is a bug rejects', async () => {
    const batch = batchOf([[1, 0]]);
    batch.extra.set(0, '{not json');
    await assert.rejects(committer.commit(batch), /json/);
    assert.deepEqual(await stored(), []);
  });

  it('no leader to be reached: it waits until told to stop', async () => {
    await relay.close();
    const outcome = committer.commit(batchOf([[1, 0]]));
    stop.abort();
    await assert.rejects(outcome, /no leader/);
    relay = new TestRelay(database.port);
    await relay.listen();
  });
});

it('a partition that retention dropped in between is made again', async () => {
  await committer.commit(batchOf([[1, 0]]));
  for (const way of [
    plainBatchOf,
    async (readings: [number, number][]) => batchOf(readings, { firmware: 'new' }),
  ]) {
    const batch = await way([
      [1, 1],
      [1, 2],
    ]);
    await admin.query('DROP TABLE "reading_20261116T1200"');
    assert.deepEqual(await committer.commit(batch), { committed: 2, duplicates: 0 });
    assert.deepEqual(await stored(), ['1 1', '1 2']);
    await admin.query('TRUNCATE reading');
    parser = sampleParser();
  }
});
