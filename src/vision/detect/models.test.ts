import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import sharp from 'sharp';
import { type Frame, Models } from './models.ts';

const SIDE = 512;
const X = 200;

/** Somebody who is drawn, with the middle of the face at the height `y`. */
const drawn = (y: number): string => `
  <rect x="${X - 48}" y="${y + 42}" width="96" height="300" rx="30" fill="#34465c"/>
  <g transform="translate(${X} ${y}) scale(0.6)">
    <rect x="-18" y="46" width="36" height="40" fill="#c08f70"/>
    <ellipse rx="40" ry="52" fill="#d9a684"/>
    <ellipse cy="-34" rx="42" ry="26" fill="#2b1d14"/>
    <ellipse cx="-16" cy="-8" rx="8" ry="4" fill="#fff"/><circle cx="-16" cy="-8" r="4" fill="#222"/>
    <ellipse cx="16" cy="-8" rx="8" ry="4" fill="#fff"/><circle cx="16" cy="-8" r="4" fill="#222"/>
    <path d="M-24 -17 q8 -6 16 0 M8 -17 q8 -6 16 0" stroke="#2b1d14" stroke-width="4" fill="none"/>
    <path d="M0 -6 L-6 14 L5 14" stroke="#a8765a" stroke-width="3" fill="none"/>
    <path d="M-14 28 q14 10 28 0 q-14 -4 -28 0" fill="#a0463c"/>
  </g>`;

async function picture(parts: string): Promise<Frame> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${SIDE}" height="${SIDE}">
    <rect width="${SIDE}" height="${SIDE}" fill="#8fa3b0"/>${parts}</svg>`;
  const data = await sharp(Buffer.from(svg)).removeAlpha().raw().toBuffer();
  return { data, width: SIDE, height: SIDE };
}

describe('faces', () => {
  const whole = { x: 0, y: 0, side: SIDE };
  let models: Models;
  before(async () => {
    models = await Models.load();
  });

  test('are found where they are, as surely at one height as at another', async () => {
    const scores: number[] = [];
    for (const y of [128, 240, 256, 272]) {
      const [face, ...more] = await models.faces(await picture(drawn(y)), whole, 0.3);
      assert.ok(face !== undefined && more.length === 0, `one face at ${y}`);
      const { x, y: top, width, height } = face.box;
      assert.ok(Math.abs(x + width / 2 - X) < 4 && Math.abs(top + height / 2 - y) < 4, `at ${X}, ${y}`);
      scores.push(face.score);
    }
    assert.ok(Math.max(...scores) - Math.min(...scores) < 0.01, `scores ${scores.join(', ')}`);
  });

  test('are told in pixels of the photo, also of a part of it', async () => {
    const part = { x: -100, y: -60, side: SIDE };
    const [face] = await models.faces(await picture(drawn(200)), part, 0.3);
    assert.ok(face !== undefined);
    const { x, y, width, height } = face.box;
    assert.ok(Math.abs(x + width / 2 - X) < 4 && Math.abs(y + height / 2 - 200) < 4);
  });

  test('are not where nobody is', async () => {
    assert.deepEqual(await models.faces(await picture(''), whole, 0.3), []);
  });
});
