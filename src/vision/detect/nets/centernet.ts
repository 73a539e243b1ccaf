/**
 * CenterNet on MobileNetV3 from the npm package @vladmandic/human (MIT): objects of the 80 classes of COCO in 512 x 512
 * pixels. The package's graph ends in operations that pick the surest points; here these are code.
 */
import { join } from 'node:path';
import type { Box } from '../../../lib/image-record.ts';
import { packageDir } from '../../../lib/package-files.ts';
import { logitOf, sigmoid } from '../../../lib/probability.ts';
import { type Network, NetworkBuilder } from './network.ts';
import { readModel, type Weight } from './package-model.ts';
import { translate } from './translate.ts';

/** The square that is looked at, in pixels. */
export const OBJECTS_SIDE = 512;

const CELL_PX = 4;
const CELLS = OBJECTS_SIDE / CELL_PX;
const AREA = CELLS * CELLS;
/** What the network gives distances in, in pixels. */
const DISTANCE_PX = 16;
const MOST = 100;

/** Where the network says how sure it is of each class, and what of that is by class. */
const SURENESS = 'CenternetHead/centernet_cls_output';
const BY_CLASS: readonly string[] = [`${SURENESS}/pointwise_weights`, `${SURENESS}/biases`];

/** `label`: as COCO counts its 80 classes, from 0. */
export type Found = { readonly box: Box; readonly score: number; readonly label: number };

/** Whether no neighbour in the plane is surer. `at`: where the plane of the class begins. */
function isPeak(logits: Float32Array, at: number, x: number, y: number): boolean {
  const own = logits[at + y * CELLS + x] ?? 0;
  for (let row = Math.max(0, y - 1); row <= Math.min(CELLS - 1, y + 1); row++) {
    for (let column = Math.max(0, x - 1); column <= Math.min(CELLS - 1, x + 1); column++) {
      if ((logits[at + row * CELLS + column] ?? 0) > own) return false;
    }
  }
  return true;
}

/** `sides`: four planes, how far the box reaches to the left, up, to the right and down. In pixels. */
function boxAt(sides: Float32Array, x: number, y: number): Box {
  const reach = (plane: number): number => (sides[plane * AREA + y * CELLS + x] ?? 0) * DISTANCE_PX;
  return {
    x: x * CELL_PX - reach(0),
    y: y * CELL_PX - reach(1),
    width: reach(0) + reach(2),
    height: reach(1) + reach(3),
  };
}

/** Of a filter or a bias only what these labels need: the last dimension is of all labels. */
function ofLabels({ shape, values }: Weight, labels: readonly number[]): Weight {
  const all = shape.at(-1) ?? 0;
  const rows = Array.from({ length: values.length / all }, (_, row) => row * all);
  return {
    shape: [...shape.slice(0, -1), labels.length],
    values: Float32Array.from(rows.flatMap((row) => labels.map((label) => values[row + label] ?? 0))),
  };
}

export class CenterNet {
  readonly #network: Network;
  readonly #labels: readonly number[];

  private constructor(network: Network, labels: readonly number[]) {
    this.#network = network;
    this.#labels = labels;
  }

  /** `labels`: what is looked for. Throws when the package's files are missing or are others. */
  static async load(labels: readonly number[]): Promise<CenterNet> {
    const builder = new NetworkBuilder(OBJECTS_SIDE);
    const model = readModel(join(packageDir('@vladmandic/human'), '../models'), 'centernet.json');
    const weights = (name: string): Weight =>
      BY_CLASS.includes(name) ? ofLabels(model.weights(name), labels) : model.weights(name);
    const given = { 'tower_0/images': builder.picture(1, 0) };
    const outputs = translate(builder, { ...model, weights }, given, [
      `tower_0/${SURENESS}/BiasAdd`,
      'tower_0/CenternetHead/centernet_wh_output/BiasAdd',
    ]);
    return new CenterNet(await builder.build(outputs), labels);
  }

  /** `pixels`: RGB, OBJECTS_SIDE squared. Boxes in pixels, the surest first, a hundred at most. */
  async find(pixels: Uint8Array, minScore: number): Promise<Found[]> {
    const [logits = new Float32Array(), sides = new Float32Array()] = await this.#network.run(pixels);
    const least = logitOf(minScore);
    const found: Found[] = [];
    for (let index = 0; index < logits.length; index++) {
      const value = logits[index] ?? 0;
      if (value < least) continue;
      const plane = Math.floor(index / AREA);
      const [x, y] = [index % CELLS, Math.floor((index % AREA) / CELLS)];
      if (!isPeak(logits, plane * AREA, x, y)) continue;
      const box = boxAt(sides, x, y);
      if (box.width > 0 && box.height > 0)
        found.push({ box, score: sigmoid(value), label: this.#labels[plane] ?? -1 });
    }
    return found.sort((a, b) => b.score - a.score).slice(0, MOST);
  }
}
