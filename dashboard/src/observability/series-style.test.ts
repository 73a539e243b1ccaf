import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { COLORS, seriesStyles } from './series-style.ts';

describe('series', () => {
  it('of one service have one colour, and dashes that say where it is', () => {
    const [first, second, other] = seriesStyles(['api region1', 'api region2', 'rag region1']);
    assert.equal(first?.color, second?.color);
    assert.notEqual(first?.color, other?.color);
    assert.notDeepEqual(first?.dash, second?.dash);
    assert.deepEqual(first?.dash, other?.dash);
  });

  it('of regions alone differ in colour and dashes', () => {
    const [first, second] = seriesStyles(['by region1', 'by region2']);
    assert.notEqual(first?.color, second?.color);
    assert.notDeepEqual(first?.dash, second?.dash);
  });

  it('beyond the colours begin again', () => {
    const names = Array.from({ length: COLORS + 2 }, (_, i) => `probe${i}`);
    for (const { color } of seriesStyles(names)) assert.ok(color < COLORS);
  });
});
