import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Person } from './camera-shapes.ts';
import {
  type DraftAction,
  drafted,
  isChanged,
  newDraft,
  overrideBody,
  reduceDraft,
} from './override-draft.ts';
import { personLabel, personState, scoreTone } from './person-state.ts';

const seen = (value: 'yes' | 'no' | 'unknown') => ({ value, confidence: 0.8 });
const person = (hat: 'yes' | 'no' | 'unknown'): Person => ({
  box: { x: 0, y: 0, width: 10, height: 30 },
  hard_hat: seen(hat),
  vest: seen('yes'),
  equipment: seen('unknown'),
});
const PEOPLE = [person('no'), person('yes')];
const after = (...actions: DraftAction[]) =>
  actions.reduce((draft, action) => reduceDraft(draft, action, PEOPLE), newDraft(3));

describe('a draft', () => {
  test('holds what was changed, and nothing that was changed back', () => {
    const changed = after({ kind: 'set', index: 1, gear: 'hard_hat', value: 'no' });
    assert.ok(isChanged(changed));
    assert.equal(drafted(PEOPLE[1] ?? person('yes'), 1, changed).hard_hat.value, 'no');
    const back = reduceDraft(changed, { kind: 'set', index: 1, gear: 'hard_hat', value: 'yes' }, PEOPLE);
    assert.ok(!isChanged(back));
  });

  test('cycles what is selected through yes, no and unknown', () => {
    const actions: DraftAction[] = [
      { kind: 'select', index: 0 },
      { kind: 'cycle', gear: 'hard_hat' },
    ];
    assert.equal(after(...actions).changes[0]?.hard_hat, 'unknown');
    assert.equal(after(...actions, { kind: 'cycle', gear: 'hard_hat' }).changes[0]?.hard_hat, 'yes');
  });

  test('selects nobody who is not there', () => {
    assert.equal(after({ kind: 'select', index: 9 }).selected, 1);
    assert.equal(after({ kind: 'select', index: -1 }).selected, 0);
  });

  test('becomes a body with the version it was made to', () => {
    const draft = after({ kind: 'set', index: 0, gear: 'vest', value: 'no' }, { kind: 'remove', index: 1 });
    assert.deepEqual(overrideBody(draft, 'Ann', 'seen on site'), {
      version: 3,
      by: 'Ann',
      reason: 'seen on site',
      people: [
        { index: 0, vest: 'no' },
        { index: 1, is_person: false },
      ],
    });
    assert.ok(!isChanged(after({ kind: 'remove', index: 1 }, { kind: 'remove', index: 1 })));
  });
});

test('a person is missing something, unknown or fine, in words too', () => {
  assert.deepEqual(PEOPLE.map(personState), ['missing', 'fine']);
  assert.equal(personState(person('unknown')), 'unknown');
  assert.deepEqual([person('no'), person('unknown'), person('yes')].map(personLabel), [
    'no hat',
    'hat?',
    'hat and vest',
  ]);
  assert.deepEqual([null, 20, 50, 90].map(scoreTone), ['none', 'alert', 'warn', 'ok']);
});
