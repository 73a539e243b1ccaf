import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Histogram, Registry } from '../src/lib/metrics.ts';
import { bucketsOf, quantile, since } from './prometheus-histogram.ts';

test('quantiles of a period come from what was counted in it alone', async () => {
  const registry = new Registry();
  registry.setDefaultLabels({ role: 'users', region: 'simulators' });
  const histogram = new Histogram({ name: 'took', help: '-', buckets: [1, 2, 4, 8], registers: [registry] });
  new Histogram({ name: 'took_too', help: '-', buckets: [1], registers: [registry] }).observe(1);
  for (let n = 0; n < 100; n++) histogram.observe(7);
  const before = bucketsOf(await registry.metrics(), 'took');
  for (let n = 0; n < 100; n++) histogram.observe(n < 50 ? 0.5 : 3);
  const period = since(before, bucketsOf(await registry.metrics(), 'took'));
  assert.deepEqual(
    period.map(({ le }) => le),
    [1, 2, 4, 8, Number.POSITIVE_INFINITY],
  );
  assert.equal(quantile(period, 0.5), 1);
  assert.equal(quantile(period, 0.75), 3);
  assert.equal(quantile(period, 1), 4);
  histogram.observe(100);
  assert.equal(quantile(since(before, bucketsOf(await registry.metrics(), 'took')), 1), 8);
});

test('a period without values has no quantile, and a histogram that is not there is named', () => {
  assert.ok(Number.isNaN(quantile([{ le: 1, count: 0 }], 0.5)));
  assert.throws(() => bucketsOf('other_bucket{le="1"} 1', 'took'), /no histogram took/);
});
