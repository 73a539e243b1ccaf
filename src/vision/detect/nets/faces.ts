/**
 * Faces in a photo, with helmets on or without: SSD on MobileNetV1, trained on WIDER FACE, from the npm package
 * @vladmandic/face-api (MIT), of which only weights are read, and of these only the layers up to the one that finds
 * small faces: up to a quarter of the square. Whoever is nearer than that is left to CenterNet and MoveNet.
 */
import { join } from 'node:path';
import type { Box } from '../../../lib/image-record.ts';
import { packageDir } from '../../../lib/package-files.ts';
import { sigmoid } from '../../../lib/probability.ts';
import { centre, distance } from '../geometry.ts';
import { surest } from '../surest.ts';
import { type Convolution, type Network, NetworkBuilder } from './network.ts';
import { readWeights, type Weight, type Weights } from './package-model.ts';

/** The square that is looked at, in pixels. */
export const FACES_SIDE = 512;

/** Of the batch normalisation that the network was trained with. */
const EPSILON = 0.001;
const LAYERS = 11;
const HALVING: readonly number[] = [2, 4, 6];
const CELLS = FACES_SIDE / 16;
/** What a cell's boxes are given against: width and height in pixels. */
const ANCHORS: readonly (readonly [width: number, height: number])[] = [
  [51.2, 51.2],
  [144.8, 72.4],
  [72.4, 144.8],
];
const CENTRE_SCALE = 10;
const SIZE_SCALE = 5;
/** Background, face, and one that is not used. */
const CLASSES = 3;
const FACE = 1;
/** Centres nearer than this part of the wider box are of one face. */
const SAME_FACE = 0.5;

export type Face = { readonly box: Box; readonly score: number };

const strided = (stride: number, filter: Weight, bias: Weight): Convolution => ({
  filter,
  bias,
  strides: [stride, stride],
  same: true,
  activation: 'relu6',
});

/** With the batch normalisation in filter and bias. */
function depthwiseOf(weights: Weights, layer: number): Convolution {
  const prefix = `MobilenetV1/Conv2d_${layer}_depthwise`;
  const norm = (name: string): Float32Array => weights(`${prefix}/BatchNorm/${name}`).values;
  const [gamma, beta, mean] = [norm('gamma'), norm('beta'), norm('moving_mean')];
  const scale = norm('moving_variance').map(
    (variance, channel) => (gamma[channel] ?? 0) / Math.sqrt(variance + EPSILON),
  );
  const filter = weights(`${prefix}/depthwise_weights`);
  return strided(
    HALVING.includes(layer) ? 2 : 1,
    {
      shape: filter.shape,
      values: filter.values.map((value, at) => value * (scale[at % scale.length] ?? 0)),
    },
    {
      shape: [scale.length],
      values: beta.map((value, channel) => value - (mean[channel] ?? 0) * (scale[channel] ?? 0)),
    },
  );
}

function pointwiseOf(weights: Weights, layer: number): Convolution {
  const prefix = `MobilenetV1/Conv2d_${layer}_pointwise`;
  const bias = weights(`${prefix}/convolution_bn_offset`);
  return strided(layer === 0 ? 2 : 1, weights(`${prefix}/weights`), bias);
}

function predictorOf(weights: Weights, name: string): Convolution {
  const prefix = `Prediction/BoxPredictor_0/${name}`;
  const convolution = strided(1, weights(`${prefix}/weights`), weights(`${prefix}/biases`));
  return { ...convolution, activation: 'none' };
}

/** In sides of the square. `encoded`: of all boxes, four numbers each, cell by cell. */
function decode(encoded: Float32Array, index: number): Box {
  const [dy = 0, dx = 0, dh = 0, dw = 0] = encoded.subarray(index * 4, index * 4 + 4);
  const [wide = 0, high = 0] = ANCHORS[index % ANCHORS.length] ?? [];
  const cell = Math.floor(index / ANCHORS.length);
  const width = (Math.exp(dw / SIZE_SCALE) * wide) / FACES_SIDE;
  const height = (Math.exp(dh / SIZE_SCALE) * high) / FACES_SIDE;
  const x = ((cell % CELLS) + 0.5) / CELLS + ((dx / CENTRE_SCALE) * wide) / FACES_SIDE;
  const y = (Math.floor(cell / CELLS) + 0.5) / CELLS + ((dy / CENTRE_SCALE) * high) / FACES_SIDE;
  return { x: x - width / 2, y: y - height / 2, width, height };
}

/** The surest of the boxes of each face, the surest face first. */
export function distinct(faces: readonly Face[]): Face[] {
  const isSame = (a: Face, b: Face): boolean =>
    distance(centre(a.box), centre(b.box)) < SAME_FACE * Math.max(a.box.width, b.box.width);
  return surest(faces, ({ score }) => score, isSame);
}

export class Faces {
  readonly #network: Network;

  private constructor(network: Network) {
    this.#network = network;
  }

  /** Throws when the package's file is missing or is another one. */
  static async load(): Promise<Faces> {
    const dir = join(packageDir('@vladmandic/face-api'), '../model');
    const weights = readWeights(dir, 'ssd_mobilenetv1_model-weights_manifest.json');
    const builder = new NetworkBuilder(FACES_SIDE);
    let x = builder.convolution(builder.picture(2 / 255, -1), pointwiseOf(weights, 0));
    for (let layer = 1; layer <= LAYERS; layer++) {
      x = builder.depthwise(x, depthwiseOf(weights, layer));
      x = builder.convolution(x, pointwiseOf(weights, layer));
    }
    const outputs = ['BoxEncodingPredictor', 'ClassPredictor'].map((name) =>
      builder.byCell(builder.convolution(x, predictorOf(weights, name))),
    );
    return new Faces(await builder.build(outputs));
  }

  /** `pixels`: RGB, FACES_SIDE squared. Boxes in sides of the square, the surest first. */
  async find(pixels: Uint8Array, minScore: number): Promise<Face[]> {
    const [boxes = new Float32Array(), classes = new Float32Array()] = await this.#network.run(pixels);
    const found: Face[] = [];
    for (let index = 0; index < CELLS * CELLS * ANCHORS.length; index++) {
      const score = sigmoid(classes[index * CLASSES + FACE] ?? 0);
      if (score >= minScore) found.push({ box: decode(boxes, index), score });
    }
    return distinct(found);
  }
}
