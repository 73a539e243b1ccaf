/**
 * MoveNet Lightning from the npm package @vladmandic/human (MIT): the 17 joints of one person in 192 x 192 pixels. The
 * package's graph ends in operations that pick the likeliest places; here these are code.
 */
import { join } from 'node:path';
import { packageDir } from '../../../lib/package-files.ts';
import { type Network, NetworkBuilder } from './network.ts';
import { readModel, type Weight } from './package-model.ts';
import { translate } from './translate.ts';

/** The square that is looked at, in pixels. */
export const POSE_SIDE = 192;

/** One of 17, in the order of COCO: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; left first. */
export type Joint = { readonly x: number; readonly y: number; readonly score: number };

const JOINTS = 17;
const CELLS = 48;
const AREA = CELLS * CELLS;
/** A joint is looked for near where the person's middle says it is: the chance there, by the distance in cells plus this. */
const NEAR = 1.8;
const GRAPH = 'StatefulPartitionedCall';

/** The index of the greatest value. */
function greatest(length: number, value: (index: number) => number): number {
  let best = 0;
  let most = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < length; index++) {
    const one = value(index);
    if (one > most) [best, most] = [index, one];
  }
  return best;
}

const column = (cell: number): number => cell % CELLS;
const row = (cell: number): number => Math.floor(cell / CELLS);

/** A plane of each kind a joint, or two: down, then to the right. */
type Planes = {
  /** 0 to 1. */
  readonly joints: Float32Array;
  /** 0 to 1: that the middle of a person is here. */
  readonly middles: Float32Array;
  /** From the middle to the joints, in cells. */
  readonly towards: Float32Array;
  /** Within the cell. */
  readonly offsets: Float32Array;
};

export class MoveNet {
  readonly #network: Network;
  /** What counts is who is in the middle of the picture. */
  readonly #middle: Weight;

  private constructor(network: Network, middle: Weight) {
    this.#network = network;
    this.#middle = middle;
  }

  /** Throws when the package's files are missing or are others. */
  static async load(): Promise<MoveNet> {
    const builder = new NetworkBuilder(POSE_SIDE);
    const model = readModel(join(packageDir('@vladmandic/human'), '../models'), 'movenet-lightning.json');
    const given = { [`${GRAPH}/sub_1`]: builder.picture(2 / 255, -1) };
    const outputs = translate(builder, model, given, [
      `${GRAPH}/Sigmoid`,
      `${GRAPH}/Sigmoid_1`,
      `${GRAPH}/kpt_regress_0/conv2d_6/BiasAdd`,
      `${GRAPH}/kpt_offset_0/conv2d_7/BiasAdd`,
    ]);
    const middle = model.weights(`ConstantFolding/${GRAPH}/truediv_2_recip`);
    return new MoveNet(await builder.build(outputs), middle);
  }

  /** `pixels`: RGB, POSE_SIDE squared. Joints in sides of the square. */
  async find(pixels: Uint8Array): Promise<Joint[]> {
    const none = new Float32Array();
    const [joints = none, middles = none, towards = none, offsets = none] = await this.#network.run(pixels);
    const planes = { joints, middles, towards, offsets };
    const middle = greatest(AREA, (cell) => (middles[cell] ?? 0) * (this.#middle.values[cell] ?? 0));
    return Array.from({ length: JOINTS }, (_, joint) => jointNear(planes, joint, middle));
  }
}

function jointNear({ joints, towards, offsets }: Planes, joint: number, middle: number): Joint {
  const y = row(middle) + (towards[2 * joint * AREA + middle] ?? 0);
  const x = column(middle) + (towards[(2 * joint + 1) * AREA + middle] ?? 0);
  const score = (cell: number): number => joints[joint * AREA + cell] ?? 0;
  const away = (cell: number): number => Math.sqrt((column(cell) - x) ** 2 + (row(cell) - y) ** 2);
  const place = greatest(AREA, (cell) => score(cell) / (away(cell) + NEAR));
  return {
    x: (column(place) + (offsets[(2 * joint + 1) * AREA + place] ?? 0)) / CELLS,
    y: (row(place) + (offsets[2 * joint * AREA + place] ?? 0)) / CELLS,
    score: score(place),
  };
}
