import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram } from './histogram.ts';
import { Random } from './random.ts';

test('quantiles are within 1.6 % of the exact ones over six orders of magnitude', () => {
  const random = new Random(11);
  const histogram = new Histogram();
  const values = Array.from({ length: 50_000 }, () => 10 ** random.between(-2, 4));
  for (const value of values) histogram.record(value);
  values.sort((a, b) => a - b);
  for (const q of [0.01, 0.5, 0.9, 0.99, 0.999]) {
    const exact = values[Math.ceil(q * values.length) - 1] ?? Number.NaN;
    const found = histogram.quantileMs(q);
    assert.ok(found >= exact * 0.99 - 0.001 && found <= exact * 1.016 + 0.001, `${q}: ${found} for ${exact}`);
  }
  assert.equal(histogram.quantiles().maxMs, Math.round((values.at(-1) ?? 0) * 1000) / 1000);
});

test('the sum of two histograms is the histogram of both', () => {
  const [one, two, both] = [new Histogram(), new Histogram(), new Histogram()];
  for (let value = 1; value < 1000; value++) {
    (value % 3 === 0 ? one : two).record(value);
    both.record(value);
  }
  one.add(two.counts, two.maxUs);
  assert.deepEqual(one.counts, both.counts);
  assert.deepEqual(one.quantiles(), both.quantiles());
});

test('an empty histogram has no quantiles', () => {
  assert.ok(Number.isNaN(new Histogram().quantiles().p99Ms));
});
