import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Person } from '../../lib/image-record.ts';
import { measure } from './measures.ts';

const seen = (value: 'yes' | 'no' | 'unknown') => ({ value, confidence: 1 });
const person = (
  x: number,
  hat: 'yes' | 'no' | 'unknown',
  vest: 'yes' | 'no' | 'unknown' = 'yes',
): Person => ({
  box: { x, y: 0, width: 40, height: 160 },
  head: { x: x + 10, y: 0, width: 20, height: 24 },
  hard_hat: seen(hat),
  vest: seen(vest),
  equipment: seen('unknown'),
});
const head = (x: number, hard_hat: 'yes' | 'no') => ({ x: x + 10, y: 2, width: 20, height: 20, hard_hat });

test('heads are covered, matched and judged; who is made up raises a false alarm', () => {
  const measures = measure([
    {
      heads: [head(0, 'yes'), head(100, 'no'), head(200, 'no'), head(300, 'no')],
      people: [person(0, 'yes'), person(100, 'no'), person(200, 'unknown'), person(600, 'no')],
    },
  ]);
  assert.deepEqual(measures, {
    photos: 1,
    heads: 4,
    covered: 3,
    made_up: 1,
    matched: 3,
    hard_hat: { right: 2, wrong: 0, unknown: 1 },
    vest: { right: 0, wrong: 0, unknown: 0 },
    no_hard_hat: { raised: 2, true_raised: 1, true_all: 3 },
  });
});

test('two heads of one box are covered, and one of them is matched', () => {
  const wide = { ...person(0, 'no'), box: { x: 0, y: 0, width: 90, height: 160 } };
  const { covered, matched } = measure([{ heads: [head(0, 'no'), head(50, 'no')], people: [wide] }]);
  assert.deepEqual([covered, matched], [2, 1]);
});
