/**
 * Whether there is a hard hat over a face that was found: the light above the brow against the light of the face. A hat
 * shades the face and is painted or white; hair is darker than the face, and a bald head about as light. Rules by hand;
 * nothing was trained. Pure.
 */
import { besideRow, isBackground } from './background.ts';
import { type Paint, paintOf, pixelAt, type Rgb } from './colour.ts';
import type { Head } from './head.ts';
import type { Frame } from './models.ts';

/** In sizes of the head, from the middle between eyes and nose; negative is above. */
const STEP = 0.05;
const OVER = { top: -0.75, bottom: -0.3, halfWidth: 0.3 } as const;
const FACE = { top: 0, bottom: 0.35, halfWidth: 0.25 } as const;
/** What is as what is beside it says less. */
const BACKGROUND_WEIGHT = 0.2;
/** With less weight a sample than this, nothing stands out from the background. */
const MIN_WEIGHT = 0.22;
const MIN_SAMPLES = 20;
/** Faces in the dark are no measure: 0 to 255. */
const DARKEST_FACE = 25;

/** What no hair and no skin is painted in. */
const BRIGHT: readonly Paint[] = ['red', 'orange', 'yellow', 'green', 'blue'];
/** Light against that of the face: from here on grey is no hair, and what is dark or like skin neither hair nor skin. */
const GREY_HAIR = 0.95;
const BARE = 1.5;
/** In powers of e: so far from these nobody doubts. */
const CLEAR = 0.45;

const light = ([red, green, blue]: Rgb): number => 0.2126 * red + 0.7152 * green + 0.0722 * blue;

/** -1 to 1 for how far above or below a border it is. */
const beyond = (ratio: number, border: number): number =>
  Math.min(1, Math.max(-1, Math.log(Math.max(ratio, 0.001) / border) / CLEAR));

/** What one pixel over the brow says, from -1, bare, to 1, hat. `ratio`: its light against the face's. */
function evidence(paint: Paint, ratio: number): number {
  if (BRIGHT.includes(paint)) return 1;
  if (paint === 'maroon') return 0.5;
  if (paint === 'white') return ratio > GREY_HAIR ? 1 : 0.3;
  if (paint === 'grey' || paint === 'other') return 0.8 * beyond(ratio, GREY_HAIR);
  if (paint === 'skin' || paint === 'brown') return 0.8 * beyond(ratio, BARE);
  return beyond(ratio, BARE);
}

type Part = { readonly top: number; readonly bottom: number; readonly halfWidth: number };
type Sample = { readonly colour: Rgb; readonly row: number };

function samples(frame: Frame, { at, size }: Head, { top, bottom, halfWidth }: Part): Sample[] {
  const found: Sample[] = [];
  for (let v = top; v <= bottom + STEP / 2; v += STEP) {
    for (let u = -halfWidth; u <= halfWidth + STEP / 2; u += STEP) {
      const colour = pixelAt(frame, at.x + u * size, at.y + v * size);
      if (colour !== null) found.push({ colour, row: v });
    }
  }
  return found;
}

/** -1: bare, 1: a hat; null when too little of the head is in the photo, or nothing is before the background. */
export function hatOverFace(frame: Frame, head: Head): number | null {
  const lights = samples(frame, head, FACE).map(({ colour }) => light(colour));
  const over = samples(frame, head, OVER);
  if (lights.length < MIN_SAMPLES || over.length < MIN_SAMPLES) return null;
  const ofFace = lights.sort((a, b) => a - b)[Math.floor(lights.length / 2)] ?? 0;
  const rows = new Map(
    [...new Set(over.map(({ row }) => row))].map((row) => [row, besideRow(frame, head, row)]),
  );
  let [sum, weights] = [0, 0];
  for (const { colour, row } of over) {
    const weight = isBackground(colour, rows.get(row) ?? []) ? BACKGROUND_WEIGHT : 1;
    sum += weight * evidence(paintOf(colour), light(colour) / Math.max(ofFace, DARKEST_FACE));
    weights += weight;
  }
  return weights < MIN_WEIGHT * over.length ? null : sum / weights;
}
