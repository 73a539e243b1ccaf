/** Colours as people name them. Hue in degrees, saturation and value 0 to 1. Pure. */
import type { Frame } from './models.ts';

export type Rgb = readonly [red: number, green: number, blue: number];

/** What helmets, vests, hair, skin and shadows are painted in. */
export type Paint =
  | 'white'
  | 'grey'
  | 'dark'
  | 'red'
  | 'maroon'
  | 'orange'
  | 'yellow'
  | 'green'
  | 'blue'
  | 'skin'
  | 'brown'
  | 'other';

export function hsv([red, green, blue]: Rgb): { hue: number; saturation: number; value: number } {
  const highest = Math.max(red, green, blue);
  const range = highest - Math.min(red, green, blue);
  let hue = 0;
  if (range > 0) {
    if (highest === red) hue = ((green - blue) / range + 6) % 6;
    else if (highest === green) hue = (blue - red) / range + 2;
    else hue = (red - green) / range + 4;
  }
  return { hue: hue * 60, saturation: highest === 0 ? 0 : range / highest, value: highest / 255 };
}

type Band = {
  readonly paint: Paint;
  /** From the first to the second, over 0 when the first is larger. */
  readonly hues: readonly [number, number];
  readonly saturation: number;
  readonly value: number;
  readonly below?: number;
};

/** The first that fits. Skin and hair share the hues of orange and red; those are stronger and lighter. */
const BANDS: readonly Band[] = [
  { paint: 'blue', hues: [200, 262], saturation: 0.4, value: 0.25 },
  { paint: 'green', hues: [75, 200], saturation: 0.35, value: 0.3 },
  { paint: 'yellow', hues: [42, 75], saturation: 0.5, value: 0.5 },
  { paint: 'orange', hues: [15, 42], saturation: 0.72, value: 0.62 },
  { paint: 'red', hues: [345, 14], saturation: 0.62, value: 0.4 },
  { paint: 'maroon', hues: [335, 11], saturation: 0.4, value: 0, below: 0.52 },
  { paint: 'brown', hues: [340, 50], saturation: 0, value: 0, below: 0.38 },
  { paint: 'skin', hues: [340, 50], saturation: 0, value: 0 },
  { paint: 'dark', hues: [0, 360], saturation: 0, value: 0, below: 0.3 },
];

function inHues(hue: number, [from, to]: readonly [number, number]): boolean {
  return from <= to ? hue >= from && hue < to : hue >= from || hue < to;
}

export function paintOf(colour: Rgb): Paint {
  const { hue, saturation, value } = hsv(colour);
  if (value < 0.22) return 'dark';
  if (saturation < 0.22) {
    if (saturation < 0.2 && value > 0.62) return 'white';
    return value < 0.4 ? 'dark' : 'grey';
  }
  const band = BANDS.find(
    (one) =>
      inHues(hue, one.hues) &&
      saturation > one.saturation &&
      value > one.value &&
      value < (one.below ?? Number.POSITIVE_INFINITY),
  );
  return band?.paint ?? 'other';
}

/** Colours that nobody tells apart at a glance. */
export const isAlike = (a: Rgb, b: Rgb): boolean =>
  Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]) < 48;

/** null outside the photo. */
export function pixelAt({ data, width, height }: Frame, x: number, y: number): Rgb | null {
  const [column, row] = [Math.round(x), Math.round(y)];
  if (column < 0 || row < 0 || column >= width || row >= height) return null;
  const at = (row * width + column) * 3;
  return [data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0];
}
