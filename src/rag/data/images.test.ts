import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ImageRecord } from '../../lib/image-record.ts';
import { answerFromData, type DataDeps } from './answer.ts';
import { assertNumbersStand, databaseDeps, type ReaderFixture, startReader } from './database.fixture.ts';
import { gearAsked } from './image-filter.ts';
import { planImages } from './images.ts';
import { asked } from './question.ts';

const NOW_MS = Date.parse('2026-11-25T12:00:00Z');

type Worn = 'yes' | 'no' | 'unknown';
type Person = readonly [hat: Worn, vest: Worn, equipment: Worn];

const seen = (value: Worn) => ({ value, confidence: 0.9 });

let count = 0;
function record(
  site: string,
  type: string,
  ago_h: number,
  score: number | null,
  ...people: Person[]
): ImageRecord {
  count += 1;
  return {
    image_id: `00000000-0000-4000-8000-${String(count).padStart(12, '0')}`,
    ...{ site_id: site, device_type: type, camera: 'cam-1', simulated: true, compliance_score: score },
    taken_at: new Date(NOW_MS - ago_h * 3_600_000).toISOString(),
    people: people.map(([hat, vest, equipment]) => ({
      box: { x: 0, y: 0, width: 10, height: 20 },
      ...{ hard_hat: seen(hat), vest: seen(vest), equipment: seen(equipment) },
    })),
    description: `People at ${site}.`,
    keywords: ['Ladder', type],
  };
}

const RECORDS: readonly ImageRecord[] = [
  record('TX-EAGLE', 'turbine', 1, 100, ['yes', 'yes', 'yes']),
  record('TX-EAGLE', 'turbine', 2, 30, ['no', 'yes', 'no'], ['no', 'unknown', 'no']),
  record('WY-ALPHA', 'turbine', 3, 70, ['yes', 'yes', 'no']),
  record('WY-ALPHA', 'ogd', 4, 0, ['no', 'no', 'no']),
  record('LA-GULF', 'turbine', 50, 100, ['yes', 'yes', 'yes'], ['yes', 'no', 'no']),
  record('LA-GULF', 'turbine', 60, null),
];

let fixture: ReaderFixture;
let deps: DataDeps;
before(async () => {
  fixture = await startReader();
  deps = databaseDeps(fixture, NOW_MS);
});
after(() => fixture.stop());

const ask = (question: string) => answerFromData('images', question, deps);
const intentOf = (question: string) => planImages(asked(question, NOW_MS))?.intent;

test('without camera records the answer says so', async () => {
  for (const question of [
    'What is the average safety compliance score?',
    'workers without hats',
    'Show the latest photos',
  ]) {
    const answer = await ask(question);
    assert.equal(answer.refused, true, question);
    assert.match(answer.answer, /No camera records are stored yet/);
  }
});

describe('with camera records', () => {
  before(async () => {
    for (const { image_id, taken_at, site_id, device_type, ...rest } of RECORDS) {
      const body = JSON.stringify({ image_id, taken_at, site_id, device_type, ...rest });
      await fixture.admin.query('INSERT INTO image_record VALUES ($1, $2, $3, $4, $5)', [
        image_id,
        taken_at,
        site_id,
        device_type,
        body,
      ]);
    }
  });

  test('the average score is over photos with people, by site or by type', async () => {
    const { answer, data } = await ask('What is the average safety compliance score?');
    assert.match(
      answer,
      /score is 60, over 5 photos with people\. Highest: LA-GULF \(100\); lowest: WY-ALPHA \(35\)/,
    );
    assert.equal(data[0]?.rows.length, 4);
    const byType = await ask('average compliance by device type');
    assert.match(byType.answer, /Highest: turbine \(75\); lowest: ogd \(0\)/);
    assert.match((await ask('average compliance score in Wyoming')).answer, /score is 35, over 2 photos/);
  });

  test('turbine sites with workers without hats: only photos of turbines count, and they are shown', async () => {
    const { answer, data } = await ask('Give me turbine sites that have workers without hats');
    assert.equal(answer, 'Sites with people without hard hat: TX-EAGLE (2).');
    assert.deepEqual(data[0]?.rows, [
      { site: 'TX-EAGLE', matching: 2, people: 3, photos: 1, share: 0.66667 },
    ]);
    assert.deepEqual(
      data[0]?.photos.map(({ image_id }) => image_id),
      [RECORDS[1]?.image_id],
    );
  });

  test('a hat and a tablet are asked of the same person', async () => {
    const { answer, data } = await ask('sites with engineers with hat and tablet in the hand');
    assert.match(answer, /LA-GULF \(1\) and TX-EAGLE \(1\)\.$/);
    assert.equal(data[0]?.photos.length, 2);
    assert.match((await ask('people with hat but without vest')).answer, /: LA-GULF \(1\)\.$/);
  });

  test('what nobody lacks is an answer with an empty table', async () => {
    const answer = await ask('workers without hats at LA-GULF');
    assert.equal(answer.refused, false);
    assert.match(answer.answer, /No photo shows people without hard hat/);
  });

  test('high and low safety have a bound that the explanation names', async () => {
    const { answer, data } = await ask('Show turbine sites with high safety');
    assert.match(answer, /^Highest average safety compliance: LA-GULF \(100\)\.$/);
    assert.match(data[0]?.explanation ?? '', /high is an average of at least 80/);
    assert.match((await ask('Which sites have low safety?')).answer, /WY-ALPHA \(35\)\.$/);
    assert.match(
      (await ask('Which sites have a compliance score above 60?')).answer,
      /LA-GULF \(100\) and TX-EAGLE \(65\)/,
    );
    assert.match((await ask('Which site has the worst compliance?')).answer, /^Lowest .*: WY-ALPHA \(35\), /);
  });

  test('people and gear are counted, and gear that cannot be seen counts as neither', async () => {
    const { answer } = await ask('How many people wear hard hats?');
    assert.match(
      answer,
      /6 photos show 7 people: 4 with and 3 without hard hat, 4 with and 2 without vest, 2 with/,
    );
  });

  test('the newest photos come first, as many as asked, in the time asked', async () => {
    const { data } = await ask('Show the latest 2 photos');
    assert.deepEqual(
      data[0]?.photos.map(({ image_id }) => image_id),
      [RECORDS[0]?.image_id, RECORDS[1]?.image_id],
    );
    assert.equal((await ask('Show photos of the last 24 hours')).data[0]?.photos.length, 4);
  });

  test('a record of another form is left out instead of shown', async () => {
    await fixture.admin.query(
      "INSERT INTO image_record VALUES (gen_random_uuid(), '2026-11-25T11:59:00Z', 'TX-EAGLE', 'turbine', '{}')",
    );
    assert.equal((await ask('Show the latest 1 photos')).data.length, 0);
    await fixture.admin.query("DELETE FROM image_record WHERE record = '{}'");
  });

  test('every number of every answer stands in its table', async () => {
    const questions = [
      ...[
        'What is the average safety compliance score?',
        'average compliance by device type',
        'Which site is the safest?',
      ],
      ...['Show turbine sites with high safety', 'workers without hats or vests', 'How many hats were seen?'],
      ...[
        'What do the images of TX-EAGLE show?',
        'Show the latest photos',
        'compare with the camera footage',
      ],
      ...["people without hats'; DROP TABLE image_record; --"],
    ];
    for (const question of questions) {
      const answer = await ask(question);
      assert.equal(answer.refused, false, question);
      assertNumbersStand(answer);
    }
    const { rows } = await fixture.admin.query('SELECT FROM image_record');
    assert.equal(rows.length, RECORDS.length);
  });
});

test('gear is worn or missing as the words before it say', () => {
  const gear = (
    hardHat: 'yes' | 'no' | null,
    vest: 'yes' | 'no' | null,
    equipment: 'yes' | 'no' | null,
    any = false,
  ) => ({
    ...{ hardHat, vest, equipment, any },
  });
  assert.deepEqual(gearAsked('workers without hats'), gear('no', null, null));
  assert.deepEqual(gearAsked('workers without hats or vests'), gear('no', 'no', null, true));
  assert.deepEqual(gearAsked('people not wearing a helmet'), gear('no', null, null));
  assert.deepEqual(gearAsked('engineers with hat and tablet'), gear('yes', null, 'yes'));
  assert.deepEqual(gearAsked('with vest but no hard hat'), gear('no', 'yes', null));
  assert.deepEqual(gearAsked('without hat but with tablet'), gear('no', null, 'yes'));
  assert.deepEqual(gearAsked('where are helmets missing?'), gear('no', null, null));
  assert.deepEqual(gearAsked('workers without ppe'), gear('no', 'no', null, true));
  assert.equal(gearAsked('average score'), null);
});

test('questions are understood as what they mean, and suggestions can be asked', async () => {
  const meant: readonly (readonly [string, string | undefined])[] = [
    ['How many workers without hats were seen?', 'seen'],
    ['Which sites have workers without vests?', 'people_with_gear'],
    ['Which site is the safest?', 'sites_by_score'],
    ['word cloud of WY-ALPHA', 'keywords'],
    ['photos from Wyoming', 'average_score'],
    ['show photos from Wyoming', 'newest_photos'],
    ['Compare the safety reports with the camera footage', 'average_score'],
    ['What is the dividend?', undefined],
  ];
  for (const [question, expected] of meant) assert.equal(intentOf(question), expected, question);
  const { suggestions, refused } = await ask('What is the dividend?');
  assert.equal(refused, true);
  for (const suggestion of suggestions) assert.notEqual(intentOf(suggestion), undefined, suggestion);
});
