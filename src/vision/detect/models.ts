/** The networks that look at a photo, and what of it they see. Only the detector's thread loads this. */
import sharp from 'sharp';
import type { Box } from '../../lib/image-record.ts';
import type { Square } from './geometry.ts';
import { LABELS } from './labels.ts';
import { CenterNet, type Found, OBJECTS_SIDE } from './nets/centernet.ts';
import { FACES_SIDE, type Face, Faces } from './nets/faces.ts';
import { type Joint, MoveNet, POSE_SIDE } from './nets/movenet.ts';

/** A photo as it is shown: red, green and blue, a byte each, row by row from the upper left corner. */
export type Frame = { readonly data: Uint8Array; readonly width: number; readonly height: number };

/** What CenterNet is less sure of is noise. */
const MIN_SCORE = 0.1;

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

/** A box of the square, whose sides are `side` long there, in the photo. */
function placed(box: Box, square: Square, side: number): Box {
  const scale = square.side / side;
  return {
    x: square.x + box.x * scale,
    y: square.y + box.y * scale,
    width: box.width * scale,
    height: box.height * scale,
  };
}

export class Models {
  readonly #objects: CenterNet;
  readonly #pose: MoveNet;
  readonly #faces: Faces;

  private constructor(objects: CenterNet, pose: MoveNet, faces: Faces) {
    this.#objects = objects;
    this.#pose = pose;
    this.#faces = faces;
  }

  static async load(): Promise<Models> {
    return new Models(await CenterNet.load(LABELS), await MoveNet.load(), await Faces.load());
  }

  /** About 0.05 s of a processor. */
  async objects(frame: Frame, square: Square): Promise<Found[]> {
    const found = await this.#objects.find(await crop(frame, square, OBJECTS_SIDE), MIN_SCORE);
    return found.map((one) => ({ ...one, box: placed(one.box, square, OBJECTS_SIDE) }));
  }

  /**
   * Boxes of the faces themselves, from brow or hat to chin, the surest first: of those that are a fiftieth to a
   * quarter of the square. About 0.06 s of a processor.
   */
  async faces(frame: Frame, square: Square, minScore: number): Promise<Face[]> {
    const faces = await this.#faces.find(await crop(frame, square, FACES_SIDE), minScore);
    return faces.map((face) => ({ ...face, box: placed(face.box, square, 1) }));
  }

  /** The joints of the person in the middle of the square. About 0.006 s of a processor. */
  async pose(frame: Frame, square: Square): Promise<Joint[]> {
    const joints = await this.#pose.find(await crop(frame, square, POSE_SIDE));
    return joints.map(({ x, y, score }) => ({
      x: square.x + x * square.side,
      y: square.y + y * square.side,
      score,
    }));
  }
}
