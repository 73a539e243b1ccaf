import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { valueRange } from './chart-options.ts';

describe("a chart's range", () => {
  it('begins at zero, so that a small change does not look like a large one', () => {
    assert.equal(valueRange('seconds', 4, 5)[0], 0);
    assert.ok(valueRange('per_second', 90, 100)[1] > 100);
  });

  it('has room for a line at zero', () => {
    for (const unit of ['count', 'seconds', 'bytes', 'cores'] as const)
      assert.ok(valueRange(unit, 0, 0)[1] > 0, unit);
    assert.ok(valueRange('count', null, null)[1] > 0);
  });

  it('of shares shows the last percent, and more when less was reached', () => {
    assert.deepEqual(valueRange('percent', 100, 100), [99, 100.05]);
    assert.deepEqual(valueRange('percent', 62.5, 100), [62, 100.05]);
  });
});
