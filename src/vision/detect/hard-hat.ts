/**
 * Whether a head wears a hard hat: over a face as hat-over-face.ts says, else by its colour against what is beside it,
 * row by row above the eyes. A hat is a band of paint or white that stands out from the background and reaches down to
 * the brow; hair and skin say that there is none. Rules by hand, tuned on photos of building sites; nothing was trained.
 * Pure.
 */
import type { Seen } from '../../lib/image-record.ts';
import { besideRow, isBackground } from './background.ts';
import { type Paint, paintOf, pixelAt } from './colour.ts';
import { hatOverFace } from './hat-over-face.ts';
import type { Head } from './head.ts';
import type { Frame } from './models.ts';
import type { FoundPerson } from './people.ts';

/** In sizes of the head, from the middle between eyes and nose; negative is above. */
const TOP = -1.15;
const BOTTOM = -0.15;
const STEP = 0.05;
const HALF_WIDTH = 0.25;
/** Rows that a hat is high at least. */
const BAND_ROWS = 4;
/** Hair is looked for from here down: above it is background. */
const HAIR_FROM = -0.75;
const BROW = -0.4;
/** Heads smaller than this show nothing. */
const MIN_SIZE_PX = 4;

/** How much a paint speaks for a hat. Grey, maroon and the rest are also shadow, hair and steel. */
const HAT: Readonly<Partial<Record<Paint, number>>> = {
  white: 1,
  red: 1,
  orange: 1,
  yellow: 1,
  blue: 1,
  green: 0.9,
  grey: 0.55,
  other: 0.55,
  maroon: 0.8,
};
const HAIR: Readonly<Partial<Record<Paint, number>>> = {
  dark: 1,
  brown: 1,
  skin: 1,
  maroon: 0.15,
  grey: 0.2,
};
/** Dark hair before a dark wall still counts, for less. */
const HAIR_IN_BACKGROUND = 0.6;

/** How far hat is ahead of 0.7 hair: above the first a hat, below the second none, between nobody can tell. */
const HAIR_WEIGHT = 0.7;
const WORN = 0.2;
const BARE = 0;
const MIN_HAIR = 0.3;

type Row = { readonly at: number; readonly hat: number; readonly hair: number };

function rowOf(frame: Frame, head: Head, v: number): Row | null {
  const { at, size } = head;
  const beside = besideRow(frame, head, v);
  let [hat, hair, count] = [0, 0, 0];
  for (let u = -HALF_WIDTH; u <= HALF_WIDTH + STEP / 2; u += STEP) {
    const colour = pixelAt(frame, at.x + u * size, at.y + v * size);
    if (colour === null) continue;
    count += 1;
    const paint = paintOf(colour);
    if (isBackground(colour, beside)) {
      hair += HAIR_IN_BACKGROUND * (HAIR[paint] ?? 0);
    } else {
      hat += HAT[paint] ?? 0;
      hair += HAIR[paint] ?? 0;
    }
  }
  return count === 0 ? null : { at: v, hat: hat / count, hair: hair / count };
}

const mean = (values: readonly number[]): number =>
  values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;

/** The best band of rows; hair between it and the brow speaks against it: then it is behind the head. */
function bestBand(rows: readonly Row[]): number {
  let best = 0;
  for (let from = 0; from + BAND_ROWS <= rows.length; from++) {
    const band = mean(rows.slice(from, from + BAND_ROWS).map(({ hat }) => hat));
    const below = rows.slice(from + BAND_ROWS).filter(({ at }) => at <= BROW);
    const between = below.length < 3 ? 0 : Math.max(0, mean(below.map(({ hair }) => hair)) - 0.3);
    best = Math.max(best, band - between);
  }
  return best;
}

const UNKNOWN: Seen = { value: 'unknown', confidence: 0 };
const rounded = (value: number): number => Math.round(Math.min(1, Math.max(0, value)) * 100) / 100;

/** An alarm about somebody who may be nobody is none: below these, "no" is unknown. */
const SURE_PERSON = { joints: 0.38, box: 0.5, face: 0.5 } as const;

/** The person's hard hat: as `hardHat` of the head, but nobody is accused who is hardly seen. */
export function hardHatOf(frame: Frame, { head, confidence }: FoundPerson): Seen {
  const seen = hardHat(frame, head);
  return seen.value === 'no' && confidence < SURE_PERSON[head.from] ? UNKNOWN : seen;
}

/** Of what is over a face: above the first a hat, below the second none. */
const OVER_FACE = { worn: 0.1, bare: 0 } as const;

function byFace(frame: Frame, head: Head): Seen {
  const over = hatOverFace(frame, head);
  if (over === null) return UNKNOWN;
  if (over >= OVER_FACE.worn)
    return { value: 'yes', confidence: rounded(0.5 + (over - OVER_FACE.worn) * 0.5) };
  if (over <= OVER_FACE.bare)
    return { value: 'no', confidence: rounded(0.5 + (OVER_FACE.bare - over) * 0.5) };
  return UNKNOWN;
}

/** Confidence grows with how far hat and hair are apart, from 0.5 where one can just be told from the other. */
export function hardHat(frame: Frame, head: Head): Seen {
  if (head.size < MIN_SIZE_PX) return UNKNOWN;
  if (head.from === 'face') return byFace(frame, head);
  const rows: Row[] = [];
  for (let v = TOP; v <= BOTTOM + STEP / 2; v += STEP) {
    const row = rowOf(frame, head, v);
    if (row !== null) rows.push(row);
  }
  if (rows.length < 2 * BAND_ROWS) return UNKNOWN;
  const hair = mean(rows.filter(({ at }) => at >= HAIR_FROM).map((row) => row.hair));
  const ahead = bestBand(rows) - HAIR_WEIGHT * hair;
  if (ahead >= WORN) return { value: 'yes', confidence: rounded(0.5 + (ahead - WORN) * 0.6) };
  if (ahead <= BARE && hair > MIN_HAIR)
    return { value: 'no', confidence: rounded(0.5 + (BARE - ahead) * 0.7) };
  return UNKNOWN;
}
