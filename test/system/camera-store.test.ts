/** Camera Intelligence with its records in MongoDB: a stand-in that speaks its protocol, see mongo.fixture.ts. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CohereStandIn, PHOTO_WORDS } from '../../src/lib/cohere/stand-in.fixture.ts';
import { until } from '../../src/lib/eventually.ts';
import { startTestMongo, type TestMongo } from '../../src/vision/records/mongo.fixture.ts';
import { Photos, problemOf, scene } from './harness/photos.ts';
import { type System, startSystem } from './harness/system.ts';

describe('with MongoDB', () => {
  const MAX_WAITING = 4;
  let mongo: TestMongo;
  const standIn = new CohereStandIn();
  let system: System;
  let photos: Photos;
  before(async () => {
    mongo = await startTestMongo();
    const cohere = await standIn.start();
    system = await startSystem({
      vision: true,
      env: {
        MONGODB_URL: mongo.url,
        TIER0_MAX_WAITING: String(MAX_WAITING),
        COHERE_API_KEY: 'a-key-of-the-tests-only',
        TIER0_COHERE_URL: cohere,
      },
    });
    await system.inMode('strict');
    photos = new Photos(system.at);
    await until(
      'the vision service answers',
      30_000,
      async () => (await photos.send('/api/images')).status === 200,
    );
  });
  after(async () => {
    await system?.stop();
    await mongo?.stop();
    await standIn.stop();
  });

  test('a photo is described by Cohere while it answers, and here when it fails', async () => {
    const first = await photos.seen((await photos.add((await scene(50)).jpeg)).image_id);
    assert.deepEqual([first.described_by, first.description], ['cohere', PHOTO_WORDS]);
    standIn.fault = { kind: 'status', status: 503 };
    const second = await photos.seen((await photos.add((await scene(51)).jpeg)).image_id);
    assert.equal(second.described_by, 'local');
    assert.match(second.description, /at a turbine/);
  });

  test('records are kept there, and a copy is where questions are answered from', async () => {
    const { image_id } = await photos.add((await scene(1)).jpeg);
    await photos.seen(image_id);
    assert.equal((await photos.queue()).store, 'mongodb');
    const copies = () =>
      system.sql<{ version: number }>(`SELECT (record->>'version')::integer AS version FROM image_record`);
    await until('the copy is there', 15_000, async () => (await copies()).length === 3);
    const record = await photos.seen(image_id);
    const change = { version: 1, by: 'Ann', reason: 'seen', people: [{ index: 0, vest: 'unknown' }] };
    if (record.people.length > 0) {
      assert.equal((await photos.patch(image_id, change)).status, 200);
      await until('the copy follows', 15_000, async () =>
        (await copies()).some(({ version }) => version === 2),
      );
    }
  });

  test('that is away, photos are taken and wait, within a bound, and none is lost', async () => {
    await mongo.stop();
    const ids: string[] = [];
    let refused: unknown = null;
    for (let seed = 10; refused === null && seed < 10 + 3 * MAX_WAITING; seed++) {
      const reply = await photos.post((await scene(seed)).jpeg);
      if (reply.status === 202) ids.push(String(Object(reply.body).image_id));
      else refused = reply;
    }
    assert.equal(Object(refused).status, 503);
    assert.match(problemOf(Object(refused).body), /queue_full: \d+ photos wait to be looked at already/);
    assert.ok(ids.length >= MAX_WAITING);
    const list = await photos.send('/api/images');
    assert.equal(list.status, 503);
    assert.match(
      problemOf(list.body),
      /the document store \(MongoDB at 127\.0\.0\.1:\d+\) does not answer; photos wait/,
    );
    await until('the queue says why', 60_000, async () =>
      /MongoDB at .* does not answer/.test((await photos.queue()).store_failure ?? ''),
    );
    await mongo.restart();
    for (const id of ids) await photos.seen(id, 120_000);
    const { images } = await photos.list();
    const stored = images.map(({ image_id }) => image_id);
    const ledger = {
      lost: ids.filter((id) => !stored.includes(id)).length,
      duplicated: stored.length - new Set(stored).size,
    };
    assert.deepEqual(ledger, { lost: 0, duplicated: 0 });
    assert.equal((await photos.queue()).store_failure, null);
  });
});
