/** Which face belongs to which body: boxes of two models, brought together. Pure. */
import type { Box } from '../../lib/image-record.ts';
import { bestPairs } from '../best-pairs.ts';
import { centre } from './geometry.ts';
import type { Face } from './nets/faces.ts';

/** A face alone is a person from here on; machines and posters have faces too. */
const ALONE = 0.38;

/** How badly a face sits in a body, 0 and up; null when it cannot be its face. */
function misfit(face: Box, body: Box): number | null {
  const { x, y } = centre(face);
  const aside = Math.abs(x - centre(body).x) / body.width;
  const below = (y - body.y) / body.height;
  const size = face.width / body.width;
  if (aside > 0.45 || below < -0.05 || below > 0.4 || size > 1.1) return null;
  // Above a face there is a hat at most.
  const deep = Math.max(0, y - body.y - 1.6 * face.height) / body.height;
  return aside + 2 * deep + below * 0.5;
}

export type Paired<Body> = { readonly face: Face; readonly body: Body | null };

/** Each face and each body once, the best fits first; faces without a body only when they are sure. */
export function pairFaces<Body extends { readonly box: Box }>(
  faces: readonly Face[],
  bodies: readonly Body[],
): Paired<Body>[] {
  const bodyOf = bestPairs(faces, bodies, (face, body) => {
    const by = misfit(face.box, body.box);
    return by === null ? null : by - 0.6 * face.score;
  });
  return faces
    .map((face) => ({ face, body: bodyOf.get(face) ?? null }))
    .filter(({ face, body }) => body !== null || face.score >= ALONE);
}
