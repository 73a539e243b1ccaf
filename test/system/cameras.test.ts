/** Camera Intelligence with real processes: photos of every kind, corrections and kills. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import sharp from 'sharp';
import { Value } from 'typebox/value';
import { eventually, until } from '../../src/lib/eventually.ts';
import { AnswerBody } from '../../src/rag/schemas.ts';
import { Image } from '../../src/vision/schemas.ts';
import { tier0 } from './harness/command.ts';
import { Photos, Problem, problemOf, scene } from './harness/photos.ts';
import { type System, startSystem } from './harness/system.ts';

const MAX_BYTES = 1_500_000;
const dir = mkdtempSync(join(tmpdir(), 'tier0-test-photos-'));
after(() => rmSync(dir, { recursive: true }));

describe('photos', () => {
  let system: System;
  let photos: Photos;
  before(async () => {
    system = await startSystem({
      rag: true,
      vision: true,
      env: { TIER0_MAX_FILE_BYTES: String(MAX_BYTES) },
    });
    await system.inMode('strict');
    photos = new Photos(system.at);
    await until(
      'the vision service answers',
      30_000,
      async () => (await photos.send('/api/images')).status === 200,
    );
  });
  after(() => system?.stop());

  /** For each person who is there: found, and with the hat and the vest that the truth says. */
  const compare = async (seed: number): Promise<{ found: boolean; hat: boolean; vest: boolean }[]> => {
    const { jpeg, people } = await scene(seed);
    const { image_id, added } = await photos.add(jpeg, { simulated: 'true' });
    assert.ok(added);
    const record = await photos.seen(image_id);
    assert.equal(record.simulated, true);
    assert.ok(record.people.length <= people.length, 'nobody is made up');
    return people.map(({ head, hard_hat, vest }) => {
      const centre = head.x + head.width / 2;
      const seen = record.people.find(({ box }) => centre > box.x && centre < box.x + box.width);
      const says = (value: string | undefined, truth: boolean) => value === (truth ? 'yes' : 'no');
      return {
        found: seen !== undefined,
        hat: says(seen?.hard_hat.value, hard_hat),
        vest: says(seen?.vest.value, vest),
      };
    });
  };

  test('of simulated scenes show the people who are there, with what they wear', async () => {
    const people = [];
    for (let seed = 1; seed <= 8; seed++) people.push(...(await compare(seed)));
    assert.ok(people.length >= 10);
    for (const what of ['found', 'hat', 'vest'] as const) {
      const right = people.filter((person) => person[what]).length;
      assert.ok(right >= 0.9 * people.length, `${what} is right for ${right} of ${people.length}`);
    }
  });

  test('are taken once, whoever sends them under whatever name', async () => {
    const { jpeg } = await scene(100);
    const first = await photos.add(jpeg, { name: '../../etc/passwd.jpg' });
    const record = await photos.seen(first.image_id);
    assert.equal(record.file_name, 'passwd.jpg');
    const again = await photos.add(jpeg, { name: 'other.jpg', site_id: 'LA-GULF' });
    assert.deepEqual(again, { image_id: first.image_id, added: false, state: 'done' });
    const { images } = await photos.list();
    assert.equal(images.filter(({ image_id }) => image_id === first.image_id).length, 1);
  });

  test('have pictures: as shown, small, and as they came', async () => {
    const { jpeg } = await scene(101);
    const { image_id } = await photos.add(jpeg);
    await photos.seen(image_id);
    for (const [path, side] of [
      ['photo', 960],
      ['thumbnail', 320],
    ] as const) {
      const { body } = await photos.send(`/api/images/${image_id}/${path}`);
      assert.ok(body instanceof ArrayBuffer);
      const { format, width } = await sharp(Buffer.from(body)).metadata();
      assert.deepEqual([format, width], ['jpeg', side]);
    }
    const { body } = await photos.send(`/api/images/${image_id}/original`);
    assert.ok(body instanceof ArrayBuffer && Buffer.from(body).equals(jpeg));
  });

  describe('that are none are refused with what is wrong', () => {
    const bad: readonly [
      what: string,
      body: () => Promise<Buffer>,
      query: Record<string, string>,
      answer: RegExp,
    ][] = [
      ['an empty file', async () => Buffer.alloc(0), { name: 'a.jpg' }, /^400 empty: a\.jpg is empty/],
      ['a text called .jpg', async () => Buffer.from('text'), { name: 'a.jpg' }, /^415 .*a\.jpg is no photo/],
      ['a file that is too large', async () => Buffer.alloc(MAX_BYTES + 1), {}, /^413 too_large/],
      [
        'a site that does not exist',
        async () => (await scene(7)).jpeg,
        { site_id: 'XX' },
        /^400 .*XX is no site/,
      ],
      [
        'a type that does not exist',
        async () => (await scene(7)).jpeg,
        { device_type: 'pump' },
        /^400 .*pump is no type/,
      ],
      [
        'a time that is none',
        async () => (await scene(7)).jpeg,
        { taken_at: '2026-13-45' },
        /^400 .*taken_at is no time/,
      ],
      [
        'the future',
        async () => (await scene(7)).jpeg,
        { taken_at: '2099-01-01T00:00:00Z' },
        /^400 .*in the future/,
      ],
    ];
    for (const [what, body, query, answer] of bad) {
      test(what, async () => {
        const reply = await photos.post(await body(), query);
        assert.match(`${reply.status} ${problemOf(reply.body)}`, answer);
      });
    }
    test('a photo that is cut short fails with its reason, and the next one is looked at', async () => {
      const { jpeg } = await scene(102);
      const cut = await photos.add(jpeg.subarray(0, jpeg.length >> 1), { name: 'cut.jpg' });
      assert.match(await photos.failure(cut.image_id), /broken: the image is damaged/);
      await photos.seen((await photos.add(jpeg)).image_id);
    });
    test('filters that are none', async () => {
      const queries = [
        'has_hard_hat=maybe',
        'min_compliance=101',
        'limit=0',
        'nonsense=1',
        'from=yesterday__',
      ];
      for (const query of queries) {
        const { status, body } = await photos.send(`/api/images?${query}`);
        assert.equal(status, 400, query);
        assert.equal(Value.Parse(Problem, body).field, query.split('=')[0]);
      }
      const missing = '00000000-0000-8000-8000-000000000000';
      assert.equal((await photos.send(`/api/images/${missing}`)).status, 404);
      assert.ok([400, 404].includes((await photos.send('/api/images/..%2f..%2fetc')).status));
    });
  });

  test('are imported from folders, each once; what cannot be placed is named', async () => {
    mkdirSync(join(dir, 'CA-DELTA'), { recursive: true });
    writeFileSync(join(dir, 'CA-DELTA', 'oilandgas-1.jpg'), (await scene(110, 'CA-DELTA', 'ogd')).jpeg);
    writeFileSync(join(dir, 'CA-DELTA', 'turbine-2.jpg'), (await scene(111, 'CA-DELTA')).jpeg);
    writeFileSync(join(dir, 'CA-DELTA', 'unknown.jpg'), (await scene(112)).jpeg);
    writeFileSync(join(dir, 'CA-DELTA', 'turbine-3.jpg'), 'no photo');
    const first = await tier0(['import', 'photos', dir, ...system.where], 120_000);
    assert.equal(first.code, 1);
    assert.match(first.stdout, /unknown\.jpg: its type of device is not known/);
    assert.match(first.stdout, /turbine-3\.jpg: turbine-3\.jpg is no photo/);
    assert.match(first.stdout, /4 files: 2 looked at .*, 0 were there already, 2 failed/);
    const types = (await photos.list('site_id=CA-DELTA')).images.map(({ device_type }) => device_type);
    assert.deepEqual(types.sort(), ['ogd', 'turbine']);
    const files = ['oilandgas-1.jpg', 'turbine-2.jpg'].map((name) => join(dir, 'CA-DELTA', name));
    const again = await tier0(['import', 'photos', ...files, ...system.where], 60_000);
    assert.match(again.stdout, /2 files: 0 looked at .*, 2 were there already, 0 failed/);
    const nowhere = await tier0(['import', 'photos', join(dir, 'none'), ...system.where], 60_000);
    assert.match(nowhere.stderr, /cannot read .*none/);
  });

  test('that are put into a watched folder are taken from it; what is none is set aside with the reason', async () => {
    const folder = join(system.dataDir, 'photos', 'AK-NORTH');
    mkdirSync(join(folder, 'ogd'), { recursive: true });
    writeFileSync(join(folder, 'ogd', 'well.jpg'), (await scene(120, 'AK-NORTH', 'ogd')).jpeg);
    writeFileSync(join(folder, 'turbine.jpg'), 'no photo');
    await until('both are moved', 30_000, () =>
      ['done/well.jpg', 'failed/turbine.jpg', 'failed/turbine.jpg.txt'].every((name) =>
        existsSync(join(folder, name)),
      ),
    );
    assert.match(readFileSync(join(folder, 'failed', 'turbine.jpg.txt'), 'utf8'), /is no photo/);
    await until('the photo is looked at', 60_000, async () => {
      const { images } = await photos.list('site_id=AK-NORTH');
      return images.some(({ file_name, device_type }) => file_name === 'well.jpg' && device_type === 'ogd');
    });
  });

  test('are corrected by people: of two at once one is told, and the trail says who, when and why', async () => {
    const { images } = await photos.list('simulated=true');
    const record = images.find(({ people }) => people.length > 0);
    assert.ok(record);
    const value = record.people[0]?.hard_hat.value === 'yes' ? 'no' : 'yes';
    const change = (by: string) => ({
      version: 1,
      by,
      reason: 'seen',
      people: [{ index: 0, hard_hat: value }],
    });
    const replies = await Promise.all(['Ann', 'Bo'].map((by) => photos.patch(record.image_id, change(by))));
    assert.deepEqual(replies.map(({ status }) => status).sort(), [200, 409]);
    const won = replies.find(({ status }) => status === 200);
    const next = Value.Parse(Image, won?.body);
    assert.deepEqual([next.version, next.people[0]?.hard_hat.value], [2, value]);
    assert.notEqual(next.compliance_score, record.compliance_score);
    const { overrides } = await photos.overrides(record.image_id);
    assert.equal(overrides.length, 1);
    assert.equal(overrides[0]?.reason, 'seen');
    const again = await photos.patch(record.image_id, change(overrides[0]?.by ?? ''));
    assert.equal(again.status, 200, 'the same change sent again is the same change');
    const nameless = await photos.patch(record.image_id, { ...change('Ann'), by: ' ' });
    assert.equal(Value.Parse(Problem, nameless.body).field, 'by');
  });

  test('answer questions: by what people wear, by score, and by meaning', async () => {
    const ask = async (question: string): Promise<AnswerBody> => {
      const headers = { 'content-type': 'application/json' };
      const request = { method: 'POST', headers, body: JSON.stringify({ question }) };
      return Value.Parse(AnswerBody, (await photos.send('/api/query/images', request)).body);
    };
    const average = await ask('What is the average safety compliance score?');
    assert.match(average.answer, /average safety compliance score is \d/);
    const worn = await ask('engineers with vests and hard hats');
    assert.ok((worn.data?.[0]?.photos.length ?? 0) > 0, worn.answer);
    await until('photos are found by meaning', 60_000, async () => {
      const near = await ask('somebody at a machine outdoors');
      return near.refused === false && (near.data?.[0]?.photos.length ?? 0) > 0;
    });
  });

  describe('lose none of theirs, and have one record each,', () => {
    const inTheMiddle = async (seed: number, fault: () => Promise<unknown>): Promise<void> => {
      const ids: string[] = [];
      for (let index = 0; index < 6; index++) {
        ids.push(
          (await photos.add((await scene(seed + index, 'NM-MESA')).jpeg, { site_id: 'NM-MESA' })).image_id,
        );
      }
      await fault();
      for (let index = 6; index < 9; index++) {
        const { jpeg } = await scene(seed + index, 'NM-MESA');
        const added = await eventually('the photo is taken', 60_000, () =>
          photos.add(jpeg, { site_id: 'NM-MESA' }).catch(() => undefined),
        );
        ids.push(added.image_id);
      }
      for (const id of ids) await photos.seen(id, 120_000);
      const { images } = await photos.list('site_id=NM-MESA');
      const stored = images.map(({ image_id }) => image_id).filter((id) => ids.includes(id));
      const ledger = {
        acknowledged: ids.length,
        lost: ids.filter((id) => !stored.includes(id)).length,
        duplicated: stored.length - new Set(stored).size,
      };
      assert.deepEqual(ledger, { acknowledged: 9, lost: 0, duplicated: 0 });
    };

    test('when the service is killed in the middle of a photo', async () => {
      const { leader } = await system.inMode('strict');
      await inTheMiddle(200, async () => {
        await until('a photo is being looked at', 30_000, async () => (await photos.queue()).waiting > 0);
        system.signal(leader, 'vision', 'SIGKILL');
      });
    });

    test('when the leading region is killed in the middle of a photo', async () => {
      const { leader } = await system.inMode('strict', 60_000);
      await inTheMiddle(300, async () => system.signalRegion(leader, 'SIGKILL'));
      await system.inMode('strict', 90_000);
    });
  });
});
