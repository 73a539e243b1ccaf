import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OperatingError } from '../lib/errors.ts';
import { describe as describePhoto, keywords } from './describe.ts';
import { isRepeated, override } from './override.ts';
import { personOf, recordOf } from './records/record.fixture.ts';
import type { OverrideBody } from './schemas.ts';
import { complianceScore } from './score.ts';
import { summary, words } from './summary.ts';

const AT = '2026-11-25T13:00:00.000Z';
const record = recordOf(1, [personOf('no', 'yes', 'yes', 0), personOf('yes', 'yes', 'unknown', 1)]);
const body = (people: OverrideBody['people'], changes: Partial<OverrideBody> = {}): OverrideBody => ({
  version: 1,
  by: ' Ann ',
  reason: 'seen on site',
  people,
  ...changes,
});
const fails = (asked: OverrideBody, code: string, message: RegExp): void => {
  assert.throws(
    () => override(record, asked, AT),
    (error) => error instanceof OperatingError && error.code === code && message.test(error.publicMessage),
  );
};

describe('a score', () => {
  test('is 40 for a hat, 30 for a vest and 30 for equipment, the mean over people', () => {
    assert.equal(complianceScore([personOf('yes', 'yes', 'yes')]), 100);
    assert.equal(complianceScore([personOf('yes', 'no', 'no')]), 40);
    assert.equal(complianceScore([personOf('no', 'yes', 'no')]), 30);
    assert.equal(complianceScore([personOf('no', 'no', 'yes'), personOf('yes', 'yes', 'yes')]), 65);
  });
  test('counts what is unknown neither way, and is none without people or knowledge', () => {
    assert.equal(complianceScore([personOf('yes', 'unknown', 'unknown')]), 100);
    assert.equal(complianceScore([personOf('yes', 'no', 'unknown')]), 57.1);
    assert.equal(complianceScore([personOf('unknown', 'unknown', 'unknown')]), null);
    assert.equal(complianceScore([]), null);
  });
});

describe('a correction', () => {
  test('changes what it names, and the score, the words and the counts follow', () => {
    const next = override(record, body([{ index: 0, hard_hat: 'yes' }]), AT);
    assert.deepEqual(next.people[0]?.hard_hat, { value: 'yes', confidence: 1, corrected: true });
    assert.deepEqual([record.compliance_score, next.compliance_score], [80, 100]);
    assert.deepEqual(next.counts.hard_hat, { yes: 2, no: 0, unknown: 0 });
    assert.equal(next.violation, false);
    assert.match(next.description, /2 with a hard hat/);
    assert.ok(!next.keywords.includes('no hard hat'));
    assert.deepEqual(next.detected, record.detected);
  });

  test('leaves who, when, why and from what to what, the newest first', () => {
    const first = override(record, body([{ index: 0, hard_hat: 'yes' }]), AT);
    const second = override(first, body([{ index: 1, vest: 'no' }], { version: 2, by: 'Bo' }), AT);
    assert.deepEqual(second.overrides[1], {
      version: 2,
      at: AT,
      by: 'Ann',
      reason: 'seen on site',
      changes: [{ index: 0, field: 'hard_hat', from: 'no', to: 'yes' }],
      score_before: 80,
      score_after: 100,
    });
    assert.equal(second.overrides[0]?.by, 'Bo');
    assert.equal(second.version, 3);
  });

  test('removes who is not there, and measures the detector by what stands', () => {
    const next = override(record, body([{ index: 0, is_person: false }]), AT);
    assert.equal(next.people.length, 1);
    assert.deepEqual(next.review?.person, { said: 2, right: 1 });
    assert.deepEqual(next.review?.hard_hat, { said: 1, right: 1 });
    const wrong = override(record, body([{ index: 0, hard_hat: 'yes' }]), AT);
    assert.deepEqual(wrong.review?.hard_hat, { said: 2, right: 1 });
    assert.deepEqual(wrong.review?.equipment, { said: 1, right: 1 });
  });

  test('of an older version, of nobody, or of somebody twice is refused', () => {
    fails(body([{ index: 0, vest: 'no' }], { version: 7 }), 'conflict', /has version 1 now, not 7/);
    fails(body([{ index: 2, vest: 'no' }]), 'invalid', /no person 2/);
    fails(
      body([
        { index: 0, vest: 'no' },
        { index: 0, vest: 'yes' },
      ]),
      'invalid',
      /person 0 is named twice/,
    );
  });

  test('that is sent again is known, another one is not', () => {
    const asked = body([{ index: 0, hard_hat: 'yes' }]);
    const next = override(record, asked, AT);
    assert.ok(isRepeated(next, asked));
    assert.ok(!isRepeated(record, asked));
    assert.ok(!isRepeated(next, body([{ index: 0, hard_hat: 'unknown' }])));
    assert.ok(!isRepeated(next, body([{ index: 1, vest: 'no' }])));
    assert.ok(!isRepeated(next, { ...asked, by: 'Bo' }));
  });
});

test('a photo is described by its people, its machine and its surroundings', () => {
  const around = { things: ['truck'], colours: ['blue'], hatColours: ['white'], brightness: 0.2 };
  assert.equal(
    describePhoto([personOf('yes', 'no')], 'electrical_rotor', around),
    'One worker at an electrical rotor: with a hard hat and without a safety vest. In sight: truck. It is dark.',
  );
  assert.equal(
    describePhoto([], 'turbine', { ...around, things: [], brightness: 0.5 }),
    'Nobody at a turbine.',
  );
  const said = keywords([personOf('yes', 'no', 'yes')], 'ogd', around);
  for (const word of [
    'oil and gas device',
    'hard hat',
    'no safety vest',
    'tablet',
    'white hard hat',
    'truck',
    'dark',
  ]) {
    assert.ok(said.includes(word), word);
  }
});

test('a summary has the worst site first, a course in steps, and how right the detector was', () => {
  const corrected = override(record, body([{ index: 0, hard_hat: 'yes' }]), AT);
  const bad = recordOf(0, [personOf('no', 'no', 'no')], { site_id: 'LA-GULF' });
  const { all, sites, trend, detector } = summary([recordOf(2, []), corrected, bad], 2);
  assert.deepEqual(
    [all.images, all.scored, all.people, all.violations, all.avg_compliance],
    [3, 2, 3, 1, 50],
  );
  assert.deepEqual(
    sites.map(({ name }) => name),
    ['LA-GULF', 'TX-EAGLE'],
  );
  assert.deepEqual(trend.images, [2, 1]);
  assert.deepEqual(trend.avg_compliance, [50, null]);
  assert.deepEqual([detector.reviewed_images, detector.hard_hat.precision], [1, 0.5]);
  assert.equal(summary([], 10).trend.from, null);
  assert.deepEqual(words([['a', 'b'], ['b'], ['b', 'c']], 2), [
    { word: 'b', images: 3 },
    { word: 'a', images: 1 },
  ]);
});
