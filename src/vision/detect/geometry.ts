/** Boxes and squares of a photo, in its pixels. Pure. */
import type { Box } from '../../lib/image-record.ts';

export type Square = { readonly x: number; readonly y: number; readonly side: number };
export type Point = { readonly x: number; readonly y: number };

const area = ({ width, height }: Box): number => width * height;

function intersection(a: Box, b: Box): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return width <= 0 || height <= 0 ? 0 : width * height;
}

/** Intersection over union, 0 to 1. */
export function overlap(a: Box, b: Box): number {
  const common = intersection(a, b);
  return common === 0 ? 0 : common / (area(a) + area(b) - common);
}

/** Which share of `inner` lies in `outer`. */
export const shareInside = (inner: Box, outer: Box): number =>
  area(inner) === 0 ? 0 : intersection(inner, outer) / area(inner);

export const centre = ({ x, y, width, height }: Box): Point => ({ x: x + width / 2, y: y + height / 2 });

export const distance = (a: Point, b: Point): number => Math.hypot(a.x - b.x, a.y - b.y);

/** The square around a box, `factor` times as large as its longer side. */
export function squareAround(box: Box, factor: number): Square {
  const side = Math.max(box.width, box.height) * factor;
  const { x, y } = centre(box);
  return { x: x - side / 2, y: y - side / 2, side };
}

/** Neighbouring tiles share a fifth, so that hardly anybody is cut by all of them. */
const SHARED = 0.2;
/** Tiles that are larger by this are one row of them instead of two: a photo of 4 : 3 has two tiles, not four. */
const ONE_ROW = 1.15;

/** Squares of which `zoom` fit along the longer side, or nearly so, that cover the whole photo. */
export function tiles(width: number, height: number, zoom: number): Square[] {
  const [shorter, wanted] = [Math.min(width, height), Math.max(width, height) / zoom];
  const side = shorter <= ONE_ROW * wanted ? shorter : wanted;
  const starts = (length: number): number[] => {
    if (length <= side * 1.02) return [0];
    const count = Math.ceil((length - side * SHARED) / (side * (1 - SHARED)));
    return Array.from({ length: count }, (_, i) => (i * (length - side)) / (count - 1));
  };
  return starts(height).flatMap((y) => starts(width).map((x) => ({ x, y, side })));
}

/** Whether a box ends at an edge of its tile that is no edge of the photo: the rest of it is in another tile. */
export function isCut(box: Box, tile: Square, width: number, height: number): boolean {
  const margin = tile.side * 0.01;
  return (
    (tile.x > 1 && box.x < tile.x + margin) ||
    (tile.y > 1 && box.y < tile.y + margin) ||
    (tile.x + tile.side < width - 1 && box.x + box.width > tile.x + tile.side - margin) ||
    (tile.y + tile.side < height - 1 && box.y + box.height > tile.y + tile.side - margin)
  );
}

export const isWithin = ({ x, y }: Point, square: Square): boolean =>
  x > square.x && x < square.x + square.side && y > square.y && y < square.y + square.side;

/** The part of a box that is in the photo. */
export function within({ x, y, width, height }: Box, photoWidth: number, photoHeight: number): Box {
  const left = Math.min(Math.max(0, x), photoWidth);
  const top = Math.min(Math.max(0, y), photoHeight);
  return {
    x: left,
    y: top,
    width: Math.min(photoWidth, Math.max(left, x + width)) - left,
    height: Math.min(photoHeight, Math.max(top, y + height)) - top,
  };
}
