/**
 * Where a person's head is and how large: from a face, which was found or is clear in the joints, else from joints that
 * are not, else from the box. Pure.
 */
import type { Box } from '../../lib/image-record.ts';
import { distance, type Point } from './geometry.ts';
import type { Joint } from './nets/movenet.ts';

/** `at`: between the eyes and the nose. `size`: the width of the head in pixels; a head is as wide as it is high here. */
export type Head = { readonly at: Point; readonly size: number; readonly from: 'face' | 'joints' | 'box' };

const FACE = [0, 1, 2, 3, 4] as const;
export const EYES = [1, 2] as const;
const EARS = [3, 4] as const;
const SHOULDERS = [5, 6] as const;
const HIPS = [11, 12] as const;

/** What a joint must be sure of before a length is measured with it. */
const SURE = 0.25;
/** Below this mean of the face's joints the head is where the box says. */
const FACE_SEEN = 0.2;
/** From here on the joints are those of a face, and lie in it; below they may be those of a head from behind. */
const FACE_CLEAR = 0.4;
/** Taller than this a box shows a whole person, of whom the head is this part. */
const STANDING = 1.6;
const HEAD_OF_HEIGHT = 1 / 6.5;

export function meanScore(joints: readonly Joint[], which: readonly number[]): number {
  return which.reduce((sum, index) => sum + (joints[index]?.score ?? 0), 0) / which.length;
}

export function midpoint(joints: readonly Joint[], pair: readonly [number, number]): Point {
  const [a, b] = [joints[pair[0]], joints[pair[1]]];
  return { x: ((a?.x ?? 0) + (b?.x ?? 0)) / 2, y: ((a?.y ?? 0) + (b?.y ?? 0)) / 2 };
}

function gap(joints: readonly Joint[], [a, b]: readonly [number, number]): number {
  const [from, to] = [joints[a], joints[b]];
  return from === undefined || to === undefined ? 0 : distance(from, to);
}

export const isSure = (joints: readonly Joint[], which: readonly number[]): boolean =>
  which.every((index) => (joints[index]?.score ?? 0) > SURE);

function sizeFromBox({ width, height }: Box): number {
  return height / width > STANDING ? height * HEAD_OF_HEIGHT : Math.min(width * 0.42, height * 0.3);
}

/** Between two values, as a share of the sorted list. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * share;
  const [low = 0, high = low] = sorted.slice(Math.floor(at), Math.floor(at) + 2);
  return low + (high - low) * (at - Math.floor(at));
}

/** Proportions of grown-up people: a head is half as wide as the shoulders, and so on. */
function sizeFromJoints(joints: readonly Joint[], box: Box): number {
  const fromBox = sizeFromBox(box);
  const estimates = [fromBox];
  if (isSure(joints, EARS)) estimates.push(Math.max(gap(joints, EARS) * 1.15, gap(joints, EYES) * 2.2));
  if (isSure(joints, SHOULDERS)) {
    const shoulders = midpoint(joints, SHOULDERS);
    estimates.push(gap(joints, SHOULDERS) * 0.5, distance(shoulders, midpoint(joints, EYES)) * 0.8);
    if (isSure(joints, HIPS)) estimates.push(distance(shoulders, midpoint(joints, HIPS)) * 0.42);
  }
  return Math.min(Math.max(quantile(estimates, 0.6), fromBox * 0.5), fromBox * 1.5);
}

/** The middle of the face: joints that are surer weigh more. */
function faceCentre(joints: readonly Joint[]): Point {
  let [x, y, sum] = [0, 0, 0];
  for (const index of FACE) {
    const joint = joints[index];
    const weight = Math.max(0.01, joint?.score ?? 0);
    x += (joint?.x ?? 0) * weight;
    y += (joint?.y ?? 0) * weight;
    sum += weight;
  }
  return { x: x / sum, y: y / sum };
}

/** Whether a face is where the head of the person in the box can be. */
function facesIn(joints: readonly Joint[], box: Box): boolean {
  const face = faceCentre(joints);
  // From behind, a face is seen in the shoulders of whoever stands whole in the box.
  const low = box.height / box.width > STANDING ? 0.3 : 0.5;
  return (
    meanScore(joints, FACE) >= FACE_SEEN &&
    Math.abs(face.x - (box.x + box.width / 2)) < 0.6 * box.width &&
    face.y > box.y - 0.05 * box.height &&
    face.y < box.y + low * box.height
  );
}

export function headOf(joints: readonly Joint[], box: Box): Head {
  if (facesIn(joints, box)) {
    const face = faceCentre(joints);
    const y = (face.y + midpoint(joints, EYES).y) / 2;
    const from = meanScore(joints, FACE) >= FACE_CLEAR ? 'face' : 'joints';
    return { at: { x: face.x, y }, size: sizeFromJoints(joints, box), from };
  }
  const size = sizeFromBox(box);
  return { at: { x: box.x + box.width / 2, y: box.y + size * 0.62 }, size, from: 'box' };
}

/** In sides of a face's box, which ends at the brow or in the hat: medians of heads that were seen in both ways. */
const EYES_OF_FACE = 0.38;
const HEAD_OF_WIDTH = 1.33;
const HEAD_OF_FACE_HEIGHT = 0.92;

export function headOfFace({ x, y, width, height }: Box): Head {
  const size = Math.sqrt(HEAD_OF_WIDTH * width * HEAD_OF_FACE_HEIGHT * height);
  return { at: { x: x + width / 2, y: y + EYES_OF_FACE * height }, size, from: 'face' };
}

/** What the head and a hat on it cover. */
export function headBox({ at, size }: Head): Box {
  return { x: at.x - size * 0.6, y: at.y - size * 0.85, width: size * 1.2, height: size * 1.45 };
}
