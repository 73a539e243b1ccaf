/**
 * The models that look at a photo. Two are from the npm package @vladmandic/human (MIT): CenterNet on MobileNetV3 finds
 * objects of the 80 classes of COCO in 512 x 512 pixels, MoveNet Lightning the 17 joints of one person in 192 x 192.
 * faces.ts is the third. Only the detector's thread loads this.
 */
import { join } from 'node:path';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import { Tensor, tensor4d } from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import type { Box } from '../../lib/image-record.ts';
import { loadModel, packageDir } from '../../lib/wasm-model.ts';
import { FACES_SIDE, type Face, Faces } from './faces.ts';
import type { Square } from './geometry.ts';

/** A photo as it is shown: red, green and blue, a byte each, row by row from the upper left corner. */
export type Frame = { readonly data: Uint8Array; readonly width: number; readonly height: number };

/** `label`: 0 is a person; the others as COCO counts its 80 classes. */
export type Found = { readonly box: Box; readonly score: number; readonly label: number };

/** One of 17, in the order of COCO: nose, eyes, ears, shoulders, elbows, wrists, hips, knees, ankles; left first. */
export type Joint = { readonly x: number; readonly y: number; readonly score: number };

const OBJECTS_SIDE = 512;
const POSE_SIDE = 192;
/** What CenterNet is less sure of is noise. */
const MIN_SCORE = 0.1;
const FIELDS = 6;

/** A square of the photo, scaled; what is outside the photo is black. */
async function crop(frame: Frame, square: Square, side: number): Promise<Uint8Array> {
  const left = Math.min(frame.width - 1, Math.max(0, Math.round(square.x)));
  const top = Math.min(frame.height - 1, Math.max(0, Math.round(square.y)));
  const width = Math.max(1, Math.min(frame.width, Math.round(square.x + square.side)) - left);
  const height = Math.max(1, Math.min(frame.height, Math.round(square.y + square.side)) - top);
  const scale = side / square.side;
  const scaled = (length: number): number => Math.min(side, Math.max(1, Math.round(length * scale)));
  const [toWidth, toHeight] = [scaled(width), scaled(height)];
  const x = Math.min(side - toWidth, Math.max(0, Math.round((left - square.x) * scale)));
  const y = Math.min(side - toHeight, Math.max(0, Math.round((top - square.y) * scale)));
  return sharp(frame.data, { raw: { width: frame.width, height: frame.height, channels: 3 } })
    .extract({ left, top, width, height })
    .resize(toWidth, toHeight, { fit: 'fill', kernel: 'cubic' })
    .extend({ left: x, top: y, right: side - toWidth - x, bottom: side - toHeight - y, background: '#000' })
    .raw()
    .toBuffer();
}

async function execute(model: GraphModel, input: Tensor, output: string | undefined): Promise<Float32Array> {
  try {
    const result = model.execute(input, output);
    if (!(result instanceof Tensor)) throw new Error('the model gave more than one tensor');
    const data = await result.data<'float32'>();
    result.dispose();
    return data;
  } finally {
    input.dispose();
  }
}

export class Models {
  readonly #objects: GraphModel;
  readonly #pose: GraphModel;
  readonly #faces: Faces;
  /** The backend copies it; a new one each time would wait to be collected. */
  readonly #values = new Float32Array(OBJECTS_SIDE * OBJECTS_SIDE * 3);

  private constructor(objects: GraphModel, pose: GraphModel, faces: Faces) {
    this.#objects = objects;
    this.#pose = pose;
    this.#faces = faces;
  }

  static async load(): Promise<Models> {
    const dir = join(packageDir('@vladmandic/human'), '../models');
    const objects = await loadModel(dir, 'centernet.json');
    return new Models(objects, await loadModel(dir, 'movenet-lightning.json'), new Faces());
  }

  /** About 0.25 s of a processor. */
  async objects(frame: Frame, square: Square): Promise<Found[]> {
    const pixels = await crop(frame, square, OBJECTS_SIDE);
    this.#values.set(pixels);
    const input = tensor4d(this.#values, [1, OBJECTS_SIDE, OBJECTS_SIDE, 3]);
    const values = await execute(this.#objects, input, 'tower_0/detections');
    const scale = square.side / OBJECTS_SIDE;
    const found: Found[] = [];
    for (let at = 0; at + FIELDS <= values.length; at += FIELDS) {
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0, score = 0, label = -1] = values.subarray(at, at + FIELDS);
      if (!(score >= MIN_SCORE) || x1 <= x0 || y1 <= y0) continue;
      const box = {
        x: square.x + x0 * scale,
        y: square.y + y0 * scale,
        width: (x1 - x0) * scale,
        height: (y1 - y0) * scale,
      };
      found.push({ box, score, label });
    }
    return found;
  }

  /**
   * Boxes of the faces themselves, from brow or hat to chin, the surest first: of those that are a fiftieth to a
   * quarter of the square. About 0.25 s of a processor.
   */
  async faces(frame: Frame, square: Square, minScore: number): Promise<Face[]> {
    const faces = await this.#faces.find(await crop(frame, square, FACES_SIDE), minScore);
    return faces.map(({ box, score }) => ({
      box: {
        x: square.x + box.x * square.side,
        y: square.y + box.y * square.side,
        width: box.width * square.side,
        height: box.height * square.side,
      },
      score,
    }));
  }

  /** The joints of the person in the middle of the square. About 0.03 s of a processor. */
  async pose(frame: Frame, square: Square): Promise<Joint[]> {
    const pixels = await crop(frame, square, POSE_SIDE);
    const input = tensor4d(new Int32Array(pixels), [1, POSE_SIDE, POSE_SIDE, 3], 'int32');
    const values = await execute(this.#pose, input, undefined);
    return Array.from({ length: values.length / 3 }, (_, joint) => ({
      x: square.x + (values[joint * 3 + 1] ?? 0) * square.side,
      y: square.y + (values[joint * 3] ?? 0) * square.side,
      score: values[joint * 3 + 2] ?? 0,
    }));
  }
}
