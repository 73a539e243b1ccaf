import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import type { Leader } from '../../lib/bounded-leader.ts';
import { UnavailableError } from '../../lib/errors.ts';
import { until } from '../../lib/eventually.ts';
import { startTestDatabase, type TestDatabase } from '../../lib/test-database.ts';
import { startTestMongo, type TestMongo } from './mongo.fixture.ts';
import { mongoRecords, serverOf } from './mongo-records.ts';
import { postgresRecords } from './postgres-records.ts';
import { personOf, recordOf } from './record.fixture.ts';
import { present } from './record.ts';
import type { RecordFilter, RecordStore } from './store.ts';

const RECORDS = [
  recordOf(1, [personOf('yes', 'yes', 'yes')]),
  recordOf(2, [personOf('no', 'yes'), personOf('yes', 'no', 'no', 1)], { site_id: 'LA-GULF' }),
  recordOf(3, [], { device_type: 'ogd', keywords: ['ogd', 'no people'] }),
  recordOf(4, [personOf('unknown', 'yes')], { simulated: true, camera: 'cam-2' }),
];

const idsOf = (records: readonly { image_id: string }[]): number[] =>
  records.map(({ image_id }) => Number(image_id.slice(-4)));

/** The same for every store: what the service relies on. */
function holds(open: () => Promise<RecordStore>): void {
  let store: RecordStore;
  before(async () => {
    store = await open();
    for (const record of RECORDS) await store.add(record);
  });
  after(() => store?.close());
  const found = async (filter: RecordFilter, sort: 'newest' | 'violations' = 'newest'): Promise<number[]> =>
    idsOf((await store.list(filter, sort, 50, 0)).images);

  test('a record comes back as it was stored, and is stored once', async () => {
    const [first] = RECORDS;
    assert.ok(first);
    await store.add({ ...first, description: 'another' });
    assert.deepEqual(await store.read(first.image_id), first);
    assert.equal(await store.read('00000000-0000-8000-8000-000000009999'), null);
    assert.equal((await store.list({}, 'newest', 50, 0)).total, RECORDS.length);
  });

  test('the newest come first, or the worst; without people last', async () => {
    assert.deepEqual(await found({}), [4, 3, 2, 1]);
    assert.deepEqual(await found({}, 'violations'), [2, 4, 1, 3]);
    const page = await store.list({}, 'newest', 2, 1);
    assert.deepEqual([idsOf(page.images), page.total], [[3, 2], 4]);
  });

  test('the average is over photos with a score that match', async () => {
    // 100, (43 + 40) / 2 and 100.
    assert.ok(Math.abs(((await store.list({}, 'newest', 1, 0)).average ?? 0) - 80.47) < 0.1);
    assert.equal((await store.list({ deviceType: 'ogd' }, 'newest', 1, 0)).average, null);
  });

  test('every filter keeps what matches, and filters add up', async () => {
    assert.deepEqual(await found({ siteId: 'LA-GULF' }), [2]);
    assert.deepEqual(await found({ deviceType: 'ogd' }), [3]);
    assert.deepEqual(await found({ camera: 'cam-2' }), [4]);
    assert.deepEqual(await found({ hardHat: true }), [2, 1]);
    assert.deepEqual(await found({ hardHat: false }), [2]);
    assert.deepEqual(await found({ vest: true }), [4, 2, 1]);
    assert.deepEqual(await found({ equipment: true }), [1]);
    assert.deepEqual(await found({ minScore: 80 }), [4, 1]);
    assert.deepEqual(await found({ maxScore: 50 }), [2]);
    assert.deepEqual(await found({ simulated: true }), [4]);
    assert.deepEqual(
      await found({ from: '2026-11-25T12:02:00.000Z', to: '2026-11-25T12:04:00.000Z' }),
      [3, 2],
    );
    assert.deepEqual(await found({ hardHat: false, siteId: 'TX-EAGLE' }), []);
    assert.deepEqual(await found({ siteId: "x' OR '1'='1" }), []);
  });

  test('a change needs the version that it was made to', async () => {
    const [, second] = RECORDS;
    assert.ok(second);
    const next = { ...second, version: 2, description: 'corrected' };
    assert.equal(await store.replace(next, 1), true);
    assert.equal(await store.replace({ ...next, description: 'late' }, 1), false);
    assert.equal((await store.read(second.image_id))?.description, 'corrected');
    assert.equal(await store.replace({ ...second, version: 3 }, 2), true);
  });

  test('figures and keywords are of the newest that match', async () => {
    const figures = await store.figures({ siteId: 'LA-GULF' }, 10);
    assert.equal(figures.length, 1);
    assert.deepEqual(figures[0]?.counts.hard_hat, { yes: 1, no: 1, unknown: 0 });
    assert.equal(figures[0]?.violation, true);
    assert.equal((await store.figures({}, 3)).length, 3);
    assert.deepEqual(await store.keywords({ deviceType: 'ogd' }, 10), [['ogd', 'no people']]);
  });

  test('what is removed is gone', async () => {
    const record = recordOf(99, []);
    await store.add(record);
    await store.remove([record.image_id]);
    assert.equal(await store.read(record.image_id), null);
    await store.ping();
  });
}

describe('records in PostgreSQL', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  after(async () => {
    await pool?.end();
    await database?.stop();
  });
  holds(async () => {
    database = await startTestDatabase();
    pool = new pg.Pool({
      host: '127.0.0.1',
      port: database.port,
      user: 'tier0_vision',
      database: 'tier0',
      max: 2,
    });
    const leader: Leader = {
      query: (text, values = []) => pool.query(text, [...values]),
      withClient: () => Promise.reject(new Error('records need no transaction')),
    };
    return postgresRecords(leader);
  });
});

function isNamedAsAway(error: unknown): true {
  assert.ok(error instanceof UnavailableError, String(error));
  assert.match(error.publicMessage, /the document store \(MongoDB at 127\.0\.0\.1:\d+\) does not answer/);
  return true;
}

describe('records in MongoDB', () => {
  let mongo: TestMongo;
  after(() => mongo?.stop());
  holds(async () => {
    mongo = await startTestMongo();
    return mongoRecords(mongo.url);
  });

  test('what changed is told from a time on, the oldest first', async () => {
    const store = mongoRecords(mongo.url);
    try {
      const changed = await store.changedSince('2026-11-25T12:03:00.000Z', 10);
      assert.deepEqual(idsOf(changed), [3, 4]);
    } finally {
      await store.close();
    }
  });

  test('a server that ended a moment ago, its connection not yet closed here, is away like any other', async () => {
    for (let time = 1; time <= 8; time++) {
      const own = await startTestMongo();
      const store = mongoRecords(own.url);
      try {
        await store.ping();
        await own.stop();
        await assert.rejects(store.add(recordOf(1, [])), isNamedAsAway);
      } finally {
        await store.close();
        await own.stop();
      }
    }
  });

  test('a server that is away is named, without its password, and is used again when it is back', async () => {
    const own = await startTestMongo();
    const store = mongoRecords(own.url);
    try {
      await store.ping();
      await own.stop();
      await assert.rejects(store.add(recordOf(1, [])), isNamedAsAway);
      await own.restart();
      await until('the store answers again', 10_000, () =>
        store.add(recordOf(1, [])).then(
          () => true,
          () => false,
        ),
      );
      assert.equal((await store.list({}, 'newest', 5, 0)).total, 1);
    } finally {
      await store.close();
      await own.stop();
    }
    assert.equal(serverOf('mongodb://ann:secret-1@a:1,b:2/tier0?replicaSet=rs'), 'a:1,b:2');
    assert.equal(serverOf('mongodb+srv://ann:secret-1@cluster.example.org'), 'cluster.example.org');
  });
});

test('what is answered of a record holds nothing of its inside', () => {
  const shown = Object.keys(present(recordOf(1, [])));
  for (const inside of ['detected', 'overrides', 'review', 'rank', 'surroundings', 'counts', 'violation']) {
    assert.ok(!shown.includes(inside), inside);
  }
});
