/** What is beside a head, row by row, and whether a pixel in the row is of it. Pure. */
import { isAlike, pixelAt, type Rgb } from './colour.ts';
import type { Head } from './head.ts';
import type { Frame } from './models.ts';

/** In sizes of the head, from the middle between eyes and nose; negative is above. */
const BESIDE = [-1.2, -1.1, -1, -0.9, 0.9, 1, 1.1, 1.2] as const;
const ABOVE = [-0.2, -0.1, 0] as const;
/** A pixel as this share of what is beside its row is background. */
const BACKGROUND = 0.25;

export function besideRow(frame: Frame, { at, size }: Head, row: number): Rgb[] {
  return BESIDE.flatMap((u) =>
    ABOVE.map((dv) => pixelAt(frame, at.x + u * size, at.y + (row + dv) * size)),
  ).filter((colour) => colour !== null);
}

export function isBackground(colour: Rgb, beside: readonly Rgb[]): boolean {
  const alike = beside.filter((other) => isAlike(colour, other)).length;
  return alike > BACKGROUND * beside.length;
}
