import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Tensor, tensor4d } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { packageDir } from '../../../lib/package-files.ts';
import { loadModel } from '../../../lib/wasm-model.ts';
import { CenterNet, OBJECTS_SIDE } from './centernet.ts';
import { MoveNet, POSE_SIDE } from './movenet.ts';
import { NetworkBuilder } from './network.ts';
import type { Weight } from './package-model.ts';
import { translate } from './translate.ts';

const MODELS = join(packageDir('@vladmandic/human'), '../models');

/** Somebody before a wall, and a car, as children draw them: RGB. */
async function scene(side: number): Promise<Uint8Array> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="${side}" height="${side}">
    <rect width="100" height="70" fill="#8fa3b0"/><rect y="70" width="100" height="30" fill="#6b6357"/>
    <circle cx="40" cy="22" r="7" fill="#d9a684"/><path d="M33 20 a7 7 0 0 1 14 0z" fill="#2b1d14"/>
    <rect x="32" y="30" width="16" height="28" rx="4" fill="#f2a71b"/>
    <path d="M33 32 L24 52 M47 32 L58 50" stroke="#f2a71b" stroke-width="5"/>
    <path d="M36 56 V86 M44 56 V86" stroke="#34465c" stroke-width="6"/>
    <path d="M62 70 h32 v-8 h-7 l-4 -7 h-12 l-4 7 h-5z" fill="#a33"/>
    <circle cx="69" cy="71" r="4"/><circle cx="87" cy="71" r="4"/></svg>`;
  return sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
}

/** What TensorFlow.js makes of the package's whole graph. */
async function reference(file: string, pixels: Uint8Array, side: number, dtype: 'float32' | 'int32') {
  const model = await loadModel(MODELS, file);
  const values = dtype === 'int32' ? Int32Array.from(pixels) : Float32Array.from(pixels);
  const output = file === 'centernet.json' ? 'tower_0/detections' : undefined;
  const result = model.execute(tensor4d(values, [1, side, side, 3], dtype), output);
  assert.ok(result instanceof Tensor);
  return result.data<'float32'>();
}

function near(actual: number, expected: number, by: number, what: string): void {
  assert.ok(Math.abs(actual - expected) <= by, `${what}: ${actual} instead of ${expected}`);
}

describe('a translated network says what TensorFlow.js says of the package’s graph', () => {
  test('CenterNet: the same boxes of the same things', async () => {
    const pixels = await scene(OBJECTS_SIDE);
    const rows = await reference('centernet.json', pixels, OBJECTS_SIDE, 'float32');
    const labels = Array.from({ length: 80 }, (_, label) => label);
    const found = await (await CenterNet.load(labels)).find(pixels, 0.02);
    assert.ok(found.length > 3, `${found.length} found`);
    const expected = Array.from({ length: 100 }, (_, index) => rows.subarray(index * 6, index * 6 + 6));
    for (const { box, score, label } of found) {
      const sides = [box.x, box.y, box.x + box.width, box.y + box.height];
      const isSame = (row: Float32Array): boolean =>
        row[5] === label &&
        Math.abs((row[4] ?? 0) - score) < 0.001 &&
        sides.every((side, index) => Math.abs(side - (row[index] ?? 0)) < 0.005 * OBJECTS_SIDE);
      assert.ok(expected.some(isSame), `${label} at ${sides.map(Math.round).join(', ')}, ${score}`);
    }
  });

  test('CenterNet for some labels only: the same of these', async () => {
    const pixels = await scene(OBJECTS_SIDE);
    const all = await (await CenterNet.load([0, 1, 2, 7])).find(pixels, 0.02);
    const some = await (await CenterNet.load([7, 0])).find(pixels, 0.02);
    assert.ok(some.length > 0);
    const expected = all.filter(({ label }) => label === 0 || label === 7);
    assert.deepEqual(
      some.map(({ label, box }) => [label, Math.round(box.x)]),
      expected.map(({ label, box }) => [label, Math.round(box.x)]),
    );
  });

  test('MoveNet: the same 17 joints', async () => {
    const pixels = await scene(POSE_SIDE);
    const rows = await reference('movenet-lightning.json', pixels, POSE_SIDE, 'int32');
    const joints = await (await MoveNet.load()).find(pixels);
    assert.equal(joints.length, 17);
    for (const [index, { x, y, score }] of joints.entries()) {
      const [down = 0, right = 0, sure = 0] = rows.subarray(index * 3, index * 3 + 3);
      near(x, right, 0.002, `joint ${index}, x`);
      near(y, down, 0.002, `joint ${index}, y`);
      near(score, sure, 0.003, `joint ${index}, score`);
    }
  });
});

describe('networks', () => {
  const weight = (shape: readonly number[], ...values: number[]): Weight => ({
    shape,
    values: Float32Array.from(values),
  });
  const plain = { strides: [1, 1], same: true, activation: 'none' } as const;
  // Two pixels by two: red 1 to 4, green 10 to 40, blue 0.
  const pixels = Uint8Array.of(1, 10, 0, 2, 20, 0, 3, 30, 0, 4, 40, 0);

  test('have filters as TensorFlow stores them: height, width, inputs, outputs', async () => {
    const builder = new NetworkBuilder(2);
    const picture = builder.picture(1, 0);
    // Two outputs: red + 2 green, and blue + 7.
    const mixed = builder.convolution(picture, {
      ...plain,
      filter: weight([1, 1, 3, 2], 1, 0, 2, 0, 0, 1),
      bias: weight([2], 0, 7),
    });
    const network = await builder.build([mixed, builder.byCell(mixed)]);
    const [planes, cells] = await network.run(pixels);
    assert.deepEqual([...(planes ?? [])], [21, 42, 63, 84, 7, 7, 7, 7]);
    assert.deepEqual([...(cells ?? [])], [21, 7, 42, 7, 63, 7, 84, 7]);
  });

  test('pad what a stride leaves over at the lower right, and keep channels apart where they are depthwise', async () => {
    const builder = new NetworkBuilder(2);
    const below = builder.depthwise(builder.picture(1, 0), {
      ...plain,
      // Of red the right neighbour, of green the lower one.
      filter: weight([2, 2, 3, 1], 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0),
      bias: null,
    });
    const [values] = await (await builder.build([below])).run(pixels);
    assert.deepEqual([...(values ?? [])], [2, 0, 4, 0, 30, 40, 0, 0, 0, 0, 0, 0]);
  });

  test('of an operation that is not known are refused by its name', () => {
    const operations = new Map([['x', { name: 'x', op: 'SpaceToDepth', input: ['y'] }]]);
    const none = (name: string): Weight => assert.fail(`no weights are needed: ${name}`);
    assert.throws(
      () => translate(new NetworkBuilder(2), { operations, weights: none }, {}, ['x']),
      /SpaceToDepth is not known \(x\)/,
    );
  });
});
