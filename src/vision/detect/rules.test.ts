import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { paintOf } from './colour.ts';
import { isCut, overlap, shareInside, squareAround, tiles, within } from './geometry.ts';
import { hardHat } from './hard-hat.ts';
import { type Head, headBox, headOf } from './head.ts';
import type { Frame, Joint } from './models.ts';
import { accepted, candidates, type FoundPerson } from './people.ts';
import { vest } from './vest.ts';

type Rgb = readonly [number, number, number];

/** A picture whose colour is a function of the place. */
function picture(width: number, height: number, colour: (x: number, y: number) => Rgb): Frame {
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) data.set(colour(x, y), (y * width + x) * 3);
  return { data, width, height };
}

const SKY: Rgb = [150, 180, 210];
const SKIN: Rgb = [205, 150, 120];
const HAIR: Rgb = [40, 30, 24];
const HEAD: Head = { at: { x: 100, y: 100 }, size: 60, from: 'joints' };

/** A face with a cap of one colour above it; null: none, the sky begins at the brow. */
const head = (cap: Rgb | null): Frame =>
  picture(200, 200, (x, y) => {
    const u = (x - 100) / 60;
    const v = (y - 100) / 60;
    if (cap !== null && Math.abs(u) < 0.55 && v > -0.85 && v < -0.25) return cap;
    return Math.hypot(u, v * 0.8) < 0.45 ? SKIN : SKY;
  });

describe('a hard hat', () => {
  test('of every colour that hats have is seen', () => {
    const hats: Rgb[] = [
      [245, 245, 242],
      [240, 195, 45],
      [200, 36, 43],
      [29, 95, 180],
      [235, 100, 30],
      [40, 140, 70],
    ];
    for (const hat of hats) assert.equal(hardHat(head(hat), HEAD).value, 'yes', String(hat));
  });

  test('is missing above hair and above a bald head', () => {
    assert.equal(hardHat(head(HAIR), HEAD).value, 'no');
    assert.equal(hardHat(head(SKIN), HEAD).value, 'no');
  });

  test('is unknown where the head is too small or out of the photo', () => {
    assert.equal(hardHat(head(HAIR), { ...HEAD, size: 3 }).value, 'unknown');
    assert.equal(hardHat(head(HAIR), { ...HEAD, at: { x: 100, y: -80 } }).value, 'unknown');
  });

  test('of the colour of what is behind is not taken for one', () => {
    assert.notEqual(hardHat(head(null), HEAD).value, 'yes');
  });
});

const person = (box = { x: 50, y: 40, width: 100, height: 300 }): FoundPerson => ({
  box,
  joints: [],
  head: { at: { x: 100, y: 70 }, size: 46, from: 'box' },
  confidence: 1,
});

describe('a vest', () => {
  const wearing = (cloth: Rgb) =>
    vest(
      picture(200, 400, () => cloth),
      person(),
    ).value;
  test('is fluorescent', () => {
    assert.equal(wearing([207, 230, 18]), 'yes');
    assert.equal(wearing([255, 106, 19]), 'yes');
  });
  test('is not blue, not skin and not rust', () => {
    for (const cloth of [[30, 50, 90], SKIN, [120, 60, 40], [250, 250, 250]] as Rgb[]) {
      assert.equal(wearing(cloth), 'no', String(cloth));
    }
  });
  test('is unknown of a person who is hardly in the photo', () => {
    const outside = person({ x: 50, y: 380, width: 100, height: 300 });
    const away = { ...outside, head: { ...outside.head, at: { x: 100, y: 420 } } };
    assert.equal(
      vest(
        picture(200, 400, () => SKY),
        away,
      ).value,
      'unknown',
    );
  });
});

test('paints are told apart as people do', () => {
  const named: [Rgb, string][] = [
    [[250, 250, 250], 'white'],
    [[20, 20, 22], 'dark'],
    [[200, 30, 30], 'red'],
    [[30, 90, 190], 'blue'],
    [[230, 200, 30], 'yellow'],
    [SKIN, 'skin'],
    [[80, 55, 40], 'brown'],
  ];
  for (const [colour, paint] of named) assert.equal(paintOf(colour), paint, String(colour));
});

describe('boxes', () => {
  const box = { x: 0, y: 0, width: 10, height: 10 };
  test('overlap by their common area', () => {
    assert.equal(overlap(box, box), 1);
    assert.equal(overlap(box, { ...box, x: 10 }), 0);
    assert.ok(Math.abs(overlap(box, { ...box, x: 5 }) - 1 / 3) < 1e-9);
    assert.equal(shareInside({ x: 2, y: 2, width: 4, height: 4 }, box), 1);
  });
  test('tiles cover the photo and share a part', () => {
    for (const [width, height] of [
      [1600, 1067],
      [275, 183],
      [500, 500],
      [300, 900],
    ] as const) {
      const all = tiles(width, height, 1.5);
      assert.ok(all.length >= 2);
      for (let x = 0; x < width; x += 7) {
        for (let y = 0; y < height; y += 7) {
          const covered = all.some(
            (tile) => x >= tile.x && x <= tile.x + tile.side && y >= tile.y && y <= tile.y + tile.side,
          );
          assert.ok(covered, `${x}, ${y} of ${width} x ${height}`);
        }
      }
    }
  });
  test('that end at a tile and not at the photo are cut', () => {
    const tile = { x: 0, y: 0, side: 100 };
    assert.equal(isCut({ x: 60, y: 10, width: 40, height: 20 }, tile, 200, 100), true);
    assert.equal(isCut({ x: 0, y: 10, width: 40, height: 20 }, tile, 200, 100), false);
  });
  test('are kept within the photo', () => {
    assert.deepEqual(within({ x: -5, y: 90, width: 20, height: 20 }, 100, 100), {
      x: 0,
      y: 90,
      width: 15,
      height: 10,
    });
    assert.deepEqual(squareAround({ x: 0, y: 0, width: 10, height: 20 }, 2), { x: -15, y: -10, side: 40 });
  });
});

/** Joints of somebody who stands in the box and looks at the camera. */
function standing(x: number, y: number, height: number, score: number): Joint[] {
  const at = (dx: number, dy: number): Joint => ({ x: x + dx * height, y: y + dy * height, score });
  return [
    ...[at(0, 0.08), at(0.02, 0.06), at(-0.02, 0.06), at(0.04, 0.07), at(-0.04, 0.07)],
    ...[at(0.1, 0.2), at(-0.1, 0.2), at(0.13, 0.35), at(-0.13, 0.35), at(0.12, 0.5), at(-0.12, 0.5)],
    ...[at(0.06, 0.52), at(-0.06, 0.52), at(0.06, 0.75), at(-0.06, 0.75), at(0.06, 0.97), at(-0.06, 0.97)],
  ];
}

describe('people', () => {
  const found = (x: number, score: number, width = 100) => ({
    box: { x, y: 0, width, height: 300 },
    score,
    label: 0,
  });
  test('are looked at once, the surest first, and both halves of a wide box', () => {
    const boxes = candidates([
      found(0, 0.3),
      found(4, 0.5),
      found(400, 0.2, 280),
      { ...found(0, 0.9), label: 7 },
    ]);
    assert.deepEqual(
      boxes.map(({ box, half }) => [Math.round(box.x), half]),
      [
        [4, false],
        [400, false],
        [400, true],
        [512, true],
      ],
    );
  });
  test('are taken on the word of a box that is sure, or of joints that are', () => {
    const look = (x: number, score: number, joints: Joint[]) => {
      const { box } = found(x, score);
      const rank = score + (0.5 * joints.slice(0, 7).reduce((sum, one) => sum + one.score, 0)) / 7;
      return { box, score, half: false, joints, head: headOf(joints, box), rank };
    };
    const people = accepted([
      look(0, 0.5, standing(50, 0, 300, 0.05)),
      look(200, 0.2, standing(250, 0, 300, 0.6)),
      look(400, 0.2, standing(450, 0, 300, 0.1)),
    ]);
    assert.deepEqual(
      people.map(({ box }) => box.x),
      [0, 200],
    );
  });
  test('have their head where the joints say, else at the top of the box', () => {
    const { box } = found(0, 0.5);
    const seen = headOf(standing(50, 0, 300, 0.8), box);
    assert.equal(seen.from, 'joints');
    assert.ok(Math.abs(seen.at.x - 50) < 5 && seen.at.y > 10 && seen.at.y < 40);
    const guessed = headOf(standing(50, 0, 300, 0.05), box);
    assert.equal(guessed.from, 'box');
    assert.ok(headBox(guessed).y < 10);
  });
});
