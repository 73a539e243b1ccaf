import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Random } from './random.ts';

test('equal seeds give equal sequences, other seeds others', () => {
  const draw = (seed: number): number[] => {
    const random = new Random(seed);
    return Array.from({ length: 8 }, () => random.uint32());
  };
  assert.deepEqual(draw(7), draw(7));
  assert.notDeepEqual(draw(7), draw(8));
});

test('floats are uniform and normals standard within sampling error', () => {
  const random = new Random(1);
  const count = 200_000;
  let sum = 0;
  let normalSum = 0;
  let normalSquares = 0;
  for (let i = 0; i < count; i++) {
    const float = random.float();
    assert.ok(float >= 0 && float < 1);
    sum += float;
    const normal = random.normal();
    normalSum += normal;
    normalSquares += normal * normal;
  }
  assert.ok(Math.abs(sum / count - 0.5) < 0.005);
  assert.ok(Math.abs(normalSum / count) < 0.01);
  assert.ok(Math.abs(normalSquares / count - 1) < 0.02);
});

test('a permutation holds every number once, in another order', () => {
  const order = new Random(3).permutation(1000);
  assert.deepEqual(
    [...order].sort((a, b) => a - b),
    Array.from({ length: 1000 }, (_, i) => i),
  );
  assert.notEqual(
    order.findIndex((value, index) => value !== index),
    -1,
  );
});

test('a bound that is no positive integer is refused', () => {
  const random = new Random(1);
  assert.throws(() => random.int(0), RangeError);
  assert.throws(() => random.int(1.5), RangeError);
});
