/** What a person corrects: the record that follows, with its score and its trail. Pure. */
import { OperatingError } from '../lib/errors.ts';
import type { Person } from '../lib/image-record.ts';
import { describe, keywords } from './describe.ts';
import { derived, type StoredImage } from './records/record.ts';
import type { OverrideBody, OverridesBody } from './schemas.ts';
import { complianceScore, GEAR, type Gear } from './score.ts';

type Change = OverridesBody['overrides'][number]['changes'][number];
type Asked = OverrideBody['people'][number];

function invalid(message: string): OperatingError {
  return new OperatingError('invalid', message, message);
}

function corrected(person: Person, asked: Asked, changes: Change[]): Person {
  let next = person;
  for (const gear of GEAR) {
    const to = asked[gear];
    if (to === undefined) continue;
    const from = person[gear].value;
    if (from !== to) changes.push({ index: asked.index, field: gear, from, to });
    // Confirming is as good as correcting: a person has looked.
    next = { ...next, [gear]: { value: to, confidence: 1, corrected: true } };
  }
  return next;
}

function agreement(detected: readonly Person[], people: readonly Person[], gear: Gear) {
  let [said, right] = [0, 0];
  for (const [n, person] of detected.entries()) {
    const now = people.find((other) => other.n === n);
    const value = person[gear].value;
    if (now === undefined || value === 'unknown') continue;
    said += 1;
    if (now[gear].value === value) right += 1;
  }
  return { said, right };
}

/** How much of what the detector said stands, now that somebody has looked at the photo. */
function reviewOf(detected: readonly Person[], people: readonly Person[]): StoredImage['review'] {
  return {
    hard_hat: agreement(detected, people, 'hard_hat'),
    vest: agreement(detected, people, 'vest'),
    equipment: agreement(detected, people, 'equipment'),
    person: { said: detected.length, right: people.length },
  };
}

/** Whether this very change was made already: its answer was lost, and it was sent again. */
export function isRepeated(record: StoredImage, asked: OverrideBody): boolean {
  const [last] = record.overrides;
  return (
    last !== undefined &&
    record.version === asked.version + 1 &&
    last.version === record.version &&
    last.by === asked.by.trim() &&
    last.reason === asked.reason.trim() &&
    last.changes.every(({ index }) => asked.people.some((one) => one.index === index)) &&
    asked.people.every((one) =>
      last.changes
        .filter(({ index }) => index === one.index)
        .every(({ field, to }) => (field === 'person' ? one.is_person === false : one[field] === to)),
    )
  );
}

/** Throws OperatingError `conflict` when the record has changed meanwhile, `invalid` when nobody is at an index. */
export function override(record: StoredImage, asked: OverrideBody, at: string): StoredImage {
  if (record.version !== asked.version) {
    const message = `the record has version ${record.version} now, not ${asked.version}: somebody changed it`;
    throw new OperatingError('conflict', message, message);
  }
  const indexes = asked.people.map(({ index }) => index);
  const twice = indexes.find((index, place) => indexes.indexOf(index) !== place);
  if (twice !== undefined) throw invalid(`people: person ${twice} is named twice`);
  const missing = indexes.find((index) => index >= record.people.length);
  if (missing !== undefined) throw invalid(`people: the record has no person ${missing}`);
  const changes: Change[] = [];
  const people = record.people.flatMap((person, index) => {
    const one = asked.people.find((other) => other.index === index);
    if (one === undefined) return [person];
    if (one.is_person !== false) return [corrected(person, one, changes)];
    changes.push({ index, field: 'person', from: 'yes', to: 'no' });
    return [];
  });
  const score = complianceScore(people);
  const version = record.version + 1;
  const trail = {
    version,
    at,
    by: asked.by.trim(),
    reason: asked.reason.trim(),
    changes,
    score_before: record.compliance_score,
    score_after: score,
  };
  return {
    ...record,
    ...derived(people, score),
    people,
    described_by: 'local',
    description: describe(people, record.device_type, record.surroundings),
    keywords: keywords(people, record.device_type, record.surroundings),
    compliance_score: score,
    version,
    updated_at: at,
    review: reviewOf(record.detected, people),
    overrides: [trail, ...record.overrides],
  };
}
