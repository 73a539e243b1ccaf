/**
 * A picture of a working site with a known truth, from a seed: the same seed gives the same bytes. It is drawn as SVG,
 * rendered by librsvg within sharp, and then made grainy, as a camera's sensor is. Nothing of it is a photo.
 */
import sharp from 'sharp';
import type { Box } from '../../lib/image-record.ts';
import { Random } from '../../lib/random.ts';
import { backdrop, HEIGHT, HORIZON, WIDTH } from './backdrop.ts';
import { HEAD_BOX, type Look, PERSON_BOX, personLook, personSvg } from './person.ts';

export type TruePerson = {
  readonly box: Box;
  readonly head: Box;
  readonly hard_hat: boolean;
  readonly vest: boolean;
  readonly equipment: boolean;
};

export type Scene = {
  readonly siteId: string;
  readonly deviceType: string;
  readonly people: readonly TruePerson[];
  readonly svg: string;
  readonly noiseSeed: number;
};

/** How often a photo shows nobody, one, two, three or four people. */
const CROWD = [0.1, 0.38, 0.29, 0.15, 0.08] as const;
const MIN_SHARE = 0.34;
const MAX_SHARE = 0.78;
const NOISE = 14;

type Placed = { readonly x: number; readonly feet: number; readonly height: number; readonly look: Look };

function howMany(random: Random): number {
  let left = random.float();
  for (const [count, share] of CROWD.entries()) {
    left -= share;
    if (left < 0) return count;
  }
  return CROWD.length - 1;
}

/** Side by side without covering each other; who is nearer is larger and stands lower. */
function place(random: Random): Placed[] {
  const count = howMany(random);
  const slot = WIDTH / Math.max(1, count);
  return Array.from({ length: count }, (_, index) => {
    const share = random.between(MIN_SHARE, count > 2 ? MAX_SHARE - 0.14 : MAX_SHARE);
    const height = share * HEIGHT;
    // Eyes of people on flat ground are at the height of the camera's horizon, more or less.
    const feet = Math.min(HEIGHT - 6, HORIZON + height * random.between(0.62, 0.8));
    const margin = height * 0.17;
    const x = random.between(
      index * slot + margin,
      Math.max(index * slot + margin + 1, (index + 1) * slot - margin),
    );
    return { x, feet, height, look: personLook(random) };
  }).sort((a, b) => a.feet - b.feet);
}

function boxOf({ x, feet, height, look }: Placed, part: Box, wide: number): Box {
  const scale = height / 100;
  const left = Math.max(0, x + part.x * scale * wide);
  const top = Math.max(0, feet + part.y * scale);
  const right = Math.min(WIDTH, x + (part.x + part.width) * scale * wide);
  const bottom = Math.min(HEIGHT, feet + (part.y + part.height) * scale);
  const box = { x: left, y: top, width: right - left, height: bottom - top };
  // Without a hat the head ends lower.
  return look.hat !== null || part.y !== HEAD_BOX.y
    ? box
    : { ...box, y: top + 3 * scale, height: box.height - 3 * scale };
}

const truth = (placed: Placed): TruePerson => ({
  box: boxOf(placed, PERSON_BOX, placed.look.build),
  head: boxOf(placed, HEAD_BOX, 1),
  hard_hat: placed.look.hat !== null,
  vest: placed.look.vest !== null,
  equipment: placed.look.tablet,
});

function caption(text: string): string {
  return `<rect x="0" y="${HEIGHT - 26}" width="${WIDTH}" height="26" fill="#000" fill-opacity="0.55"/><text x="12" y="${HEIGHT - 8}" font-family="sans-serif" font-size="15" fill="#fff">${text}</text>`;
}

/** `seed` decides everything but the caption. Pure. */
export function makeScene(seed: number, siteId: string, deviceType: string, camera: string): Scene {
  const random = new Random(seed);
  const back = backdrop(random, siteId, deviceType);
  const placed = place(random);
  const people = placed
    .map(({ x, feet, height, look }, index) => {
      const scale = (height / 100).toFixed(4);
      return `<g transform="translate(${x.toFixed(1)} ${feet.toFixed(1)}) scale(${scale})">${personSvg(`p${index}`, look)}</g>`;
    })
    .join('');
  const light = random.between(-0.12, 0.1);
  const veil = `<rect width="${WIDTH}" height="${HEIGHT}" fill="${light < 0 ? '#000' : '#fff'}" fill-opacity="${Math.abs(light).toFixed(3)}"/>`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">${back}${people}${veil}${caption(`SIMULATED · ${siteId} · ${camera}`)}</svg>`;
  return { siteId, deviceType, people: placed.map(truth), svg, noiseSeed: random.uint32() };
}

/** Noise of one sensor, drawn once a picture: grain of light and of colour. */
function grain(seed: number, pixels: Buffer): void {
  const random = new Random(seed);
  let bits = 0;
  for (let at = 0; at < pixels.length; at++) {
    if (at % 4 === 0) bits = random.uint32();
    const noise = (((bits >>> ((at % 4) * 8)) & 0xff) / 255 - 0.5) * NOISE;
    pixels[at] = Math.max(0, Math.min(255, (pixels[at] ?? 0) + noise));
  }
}

/** A JPEG of 960 x 640. */
export async function renderScene(scene: Scene): Promise<Buffer> {
  const { data, info } = await sharp(Buffer.from(scene.svg))
    .flatten({ background: '#888' })
    .toColourspace('srgb')
    .blur(0.7)
    .raw()
    .toBuffer({ resolveWithObject: true });
  grain(scene.noiseSeed, data);
  const { width, height } = info;
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 80 })
    .toBuffer();
}
