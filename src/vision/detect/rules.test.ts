import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { paintOf } from './colour.ts';
import { holdsUp } from './find-people.ts';
import { isCut, overlap, shareInside, squareAround, tiles, within } from './geometry.ts';
import { hardHat, hardHatOf } from './hard-hat.ts';
import { type Head, headBox, headOf } from './head.ts';
import type { Frame } from './models.ts';
import { distinct } from './nets/faces.ts';
import type { Joint } from './nets/movenet.ts';
import { accepted, candidates, type FoundPerson, isKnown, withFaces, withJoints } from './people.ts';
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
const at: Omit<Head, 'from'> = { at: { x: 100, y: 100 }, size: 60 };

/** A face with a cap of one colour above it; null: none, the sky begins at the brow. */
const head = (cap: Rgb | null): Frame =>
  picture(200, 200, (x, y) => {
    const u = (x - 100) / 60;
    const v = (y - 100) / 60;
    if (cap !== null && Math.abs(u) < 0.55 && v > -0.85 && v < -0.25) return cap;
    return Math.hypot(u, v * 0.8) < 0.45 ? SKIN : SKY;
  });

for (const from of ['face', 'joints'] as const) {
  const known: Head = { ...at, from };
  describe(`a hard hat on a head that is known from ${from}`, () => {
    test('is seen in every colour that hats have', () => {
      const hats: Rgb[] = [
        [245, 245, 242],
        [240, 195, 45],
        [200, 36, 43],
        [29, 95, 180],
        [235, 100, 30],
        [40, 140, 70],
      ];
      for (const hat of hats) assert.equal(hardHat(head(hat), known).value, 'yes', String(hat));
    });

    test('is missing above hair and above a bald head', () => {
      assert.equal(hardHat(head(HAIR), known).value, 'no');
      assert.equal(hardHat(head(SKIN), known).value, 'no');
    });

    test('is unknown where the head is too small or out of the photo', () => {
      assert.equal(hardHat(head(HAIR), { ...known, size: 3 }).value, 'unknown');
      assert.equal(hardHat(head(HAIR), { ...known, at: { x: 100, y: -80 } }).value, 'unknown');
    });

    test('of the colour of what is behind is not taken for one', () => {
      assert.notEqual(hardHat(head(null), known).value, 'yes');
    });
  });
}

describe('what is over a face', () => {
  const DUSK = 0.45;
  const WHITE: Rgb = [245, 245, 242];
  const evening = (cap: Rgb): Frame => {
    const { data, ...size } = head(cap);
    return { data: data.map((value) => value * DUSK), ...size };
  };
  test('is measured by the light of the face: white is a hat at dusk, and fair hair is none in the sun', () => {
    assert.equal(paintOf([245 * DUSK, 245 * DUSK, 242 * DUSK]), 'grey');
    assert.equal(hardHat(evening(WHITE), { ...at, from: 'face' }).value, 'yes');
    assert.equal(hardHat(head([214, 178, 130]), { ...at, from: 'face' }).value, 'no');
  });
  test('accuses nobody who is hardly seen', () => {
    const bare = { ...person(), head: { ...at, from: 'face' } } as const;
    assert.equal(hardHatOf(head(HAIR), { ...bare, confidence: 0.9 }).value, 'no');
    assert.equal(hardHatOf(head(HAIR), { ...bare, confidence: 0.45 }).value, 'unknown');
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
  test('are looked at once, the surest first, and no other thing is', () => {
    const boxes = candidates([found(400, 0.2), found(0, 0.3), found(4, 0.5), { ...found(0, 0.9), label: 7 }]);
    assert.deepEqual(
      boxes.map(({ box }) => box.x),
      [4, 400],
    );
  });
  test('are taken on the word of a box that is sure, or of joints that are', () => {
    const look = (x: number, score: number, joints: Joint[]) => withJoints(found(x, score), joints);
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
    assert.equal(seen.from, 'face');
    assert.equal(headOf(standing(50, 0, 300, 0.3), box).from, 'joints');
    assert.ok(Math.abs(seen.at.x - 50) < 5 && seen.at.y > 10 && seen.at.y < 40);
    const guessed = headOf(standing(50, 0, 300, 0.05), box);
    assert.equal(guessed.from, 'box');
    assert.ok(headBox(guessed).y < 10);
  });
  test('are whoever has a face, with the body that it fits best; a faint one alone is nobody', () => {
    const face = (x: number, y: number, score: number) => ({ box: { x, y, width: 30, height: 36 }, score });
    const bodies = [found(0, 0.3), found(80, 0.3), found(400, 0.1)];
    const [own, behind, faint] = [face(35, 10, 0.9), face(250, 10, 0.6), face(600, 10, 0.3)];
    const deep = face(435, 250, 0.2);
    const people = withFaces([own, behind, faint, deep], bodies);
    assert.deepEqual(
      people.map(({ head, box }) => [head.at.x, box.x]),
      [
        [50, 0],
        [265, behind.box.x + 15 - 1.5 * (people[1]?.head.size ?? 0)],
      ],
    );
    assert.equal(isKnown(found(2, 0.2), people), true, 'another box of the same body');
    assert.equal(isKnown(found(80, 0.3), people), false, 'whoever stands beside is somebody else');
  });
  test('have each face once, in the surest box', () => {
    const face = (x: number, score: number) => ({ box: { x, y: 0, width: 30, height: 36 }, score });
    const faces = distinct([face(4, 0.4), face(0, 0.8), face(40, 0.3)]);
    assert.deepEqual(
      faces.map(({ score }) => score),
      [0.8, 0.3],
    );
  });
  test('hold something up when a forearm does not hang', () => {
    const hanging = standing(50, 0, 300, 0.8);
    const raised = hanging.map((joint, index) => (index === 9 ? { ...joint, x: 60, y: 110 } : joint));
    assert.equal(holdsUp(hanging), false);
    assert.equal(holdsUp(raised), true);
    assert.equal(holdsUp(raised.map((joint) => ({ ...joint, score: 0.1 }))), false);
  });
});
