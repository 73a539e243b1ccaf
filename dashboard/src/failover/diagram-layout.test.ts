import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Box, diagramLayout } from './diagram-layout.ts';

const apart = (a: Box, b: Box): boolean =>
  a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y;

test('at every width the members stand apart and inside the picture', () => {
  for (let width = 280; width <= 1700; width += 20) {
    const layout = diagramLayout(width);
    const boxes = [layout.region1, layout.region2, layout.witness];
    for (const box of boxes) {
      assert.ok(box.x >= 0 && box.x + box.width <= width, `x at ${width}`);
      assert.ok(box.y >= 0 && box.y + box.height <= layout.height, `y at ${width}`);
      for (const other of boxes) assert.ok(box === other || apart(box, other), `overlap at ${width}`);
    }
  }
});

test('the regions stand above each other on a phone and side by side on a desk', () => {
  assert.equal(diagramLayout(360).upright, true);
  assert.equal(diagramLayout(1040).upright, false);
});
