/** Whether a person wears a high-visibility vest: how much of the trunk is fluorescent. Pure. */
import type { Box, Seen } from '../../lib/image-record.ts';
import { hsv, pixelAt, type Rgb } from './colour.ts';
import { centre } from './geometry.ts';
import { isSure, midpoint } from './head.ts';
import type { Frame } from './models.ts';
import type { FoundPerson } from './people.ts';

const SHOULDERS = [5, 6] as const;
const HIPS = [11, 12] as const;
const SAMPLES = 24;
const MIN_SAMPLES = 60;

/** Shares of the trunk. A vest is open in front and has grey stripes; a yellow pipe behind the person is less. */
const WORN = 0.16;
const NOT_WORN = 0.07;

/** Fluorescent yellow-green and orange (EN ISO 20471); red-orange cloth is darker, skin is paler. */
export function isFluorescent(colour: Rgb): boolean {
  const { hue, saturation, value } = hsv(colour);
  if (hue >= 48 && hue < 100) return saturation > 0.42 && value > 0.55;
  return hue >= 4 && hue < 36 && saturation > 0.7 && value > 0.68;
}

/** From below the neck to the hips, as wide as the shoulders; without them the middle of the box. */
function trunkOf({ box, joints, head }: FoundPerson): Box {
  if (isSure(joints, SHOULDERS)) {
    const shoulders = midpoint(joints, SHOULDERS);
    const [left, right] = SHOULDERS.map((index) => joints[index]?.x ?? shoulders.x);
    const half = Math.max(Math.abs((left ?? 0) - (right ?? 0)) / 2, head.size * 0.6);
    const hips = isSure(joints, HIPS) ? midpoint(joints, HIPS).y : shoulders.y + half * 2.6;
    const height = Math.max(hips - shoulders.y, head.size);
    const end = Math.min(box.y + box.height, shoulders.y + height);
    return { x: shoulders.x - half, y: shoulders.y, width: 2 * half, height: Math.max(1, end - shoulders.y) };
  }
  const top = Math.min(head.at.y + head.size * 0.8, box.y + box.height * 0.5);
  const bottom = Math.min(box.y + box.height, top + head.size * 2.6);
  const width = Math.min(box.width, head.size * 2);
  return { x: centre(box).x - width / 2, y: top, width, height: Math.max(1, bottom - top) };
}

/** Unknown when hardly anything of the trunk is in the photo, or it is between. */
export function vest(frame: Frame, person: FoundPerson): Seen {
  const trunk = trunkOf(person);
  let [bright, count] = [0, 0];
  for (let row = 0; row < SAMPLES; row++) {
    for (let column = 0; column < SAMPLES; column++) {
      const x = trunk.x + (trunk.width * (column + 0.5)) / SAMPLES;
      const y = trunk.y + (trunk.height * (row + 0.5)) / SAMPLES;
      const colour = pixelAt(frame, x, y);
      if (colour === null) continue;
      count += 1;
      if (isFluorescent(colour)) bright += 1;
    }
  }
  const share = count === 0 ? 0 : bright / count;
  const confidence = (by: number): number => Math.round(Math.min(0.98, 0.55 + by) * 100) / 100;
  if (count < MIN_SAMPLES) return { value: 'unknown', confidence: 0 };
  if (share >= WORN) return { value: 'yes', confidence: confidence((share - WORN) * 1.5) };
  if (share <= NOT_WORN) return { value: 'no', confidence: confidence((NOT_WORN - share) * 5) };
  return { value: 'unknown', confidence: 0 };
}
