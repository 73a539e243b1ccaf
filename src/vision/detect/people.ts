/**
 * Who is in a photo, from boxes, faces and joints. Every face that is sure is somebody's, in a box or beside it; a faint
 * one and a box together are somebody too. In a box without a face MoveNet's joints decide: a weak box with a head and
 * shoulders in it is a person, one without must be surer. Pure.
 */
import type { Box } from '../../lib/image-record.ts';
import { distance, overlap, shareInside } from './geometry.ts';
import { type Head, headOf, headOfFace, meanScore } from './head.ts';
import { PERSON } from './labels.ts';
import type { Found } from './nets/centernet.ts';
import type { Face } from './nets/faces.ts';
import type { Joint } from './nets/movenet.ts';
import { pairFaces } from './pair.ts';
import { surest } from './surest.ts';

/** Boxes below are not looked at closer. */
const MIN_SCORE = 0.18;
/** Lower boxes show nothing that could be told of a person. */
const MIN_HEIGHT_PX = 14;
/** Boxes of which this is common are of one person. */
const SAME_BOX = 0.6;
const SAME_BODY = 0.55;
/** A head this wide in a box can be the head of whose box it is; in a wider box there are others besides. */
const OWN_HEAD = 0.22;
/** What a face, or a box and what is in it, must reach together. Tuned on photos of building sites. */
const ACCEPTED = 0.38;
const UPPER_BODY = [0, 1, 2, 3, 4, 5, 6] as const;

export type FoundPerson = {
  readonly box: Box;
  readonly joints: readonly Joint[];
  readonly head: Head;
  /** 0 to 1. */
  readonly confidence: number;
};

export type Candidate = { readonly box: Box; readonly score: number };
export type Seen = Candidate & {
  readonly joints: readonly Joint[];
  readonly head: Head;
  readonly rank: number;
};

export const isBody = ({ label, score, box }: Found): boolean =>
  label === PERSON && score >= MIN_SCORE && box.height > MIN_HEIGHT_PX;

/** Boxes of people, the surest first, each once. */
export function candidates(found: readonly Found[]): Candidate[] {
  const isSameBox = (a: Candidate, b: Candidate): boolean => overlap(a.box, b.box) > SAME_BOX;
  return surest(found.filter(isBody), ({ score }) => score, isSameBox);
}

/** Somebody of whom only the face was found, behind others mostly: head, shoulders and trunk. */
const around = ({ at, size }: Head): Box => ({
  x: at.x - 1.5 * size,
  y: at.y - 0.85 * size,
  width: 3 * size,
  height: 4 * size,
});

/** Everybody whose face was found, a faint one in a body that both together make likely. */
export function withFaces(faces: readonly Face[], bodies: readonly Candidate[]): Seen[] {
  return pairFaces(faces, bodies)
    .map(({ face, body }) => {
      const head = headOfFace(face.box);
      const { box, score } = body ?? { box: around(head), score: 0 };
      const rank = Math.max(face.score, score + 0.5 * Math.min(1, 2 * face.score));
      return { box, score, joints: [], head, rank };
    })
    .filter(({ rank }) => rank >= ACCEPTED);
}

/** Whoever is in a box without a face of its own. */
export function withJoints(candidate: Candidate, joints: readonly Joint[]): Seen {
  const rank = candidate.score + 0.5 * meanScore(joints, UPPER_BODY);
  return { ...candidate, joints, head: headOf(joints, candidate.box), rank };
}

/** Whether a box shows somebody who is known: another box of the same body, or one around several. */
export function isKnown({ box }: Candidate, people: readonly Seen[]): boolean {
  return people.some((person) => {
    if (overlap(person.box, box) > SAME_BODY) return true;
    const { at, size } = person.head;
    if (size < OWN_HEAD * box.width) return false;
    const aside = Math.abs(at.x - (box.x + box.width / 2)) / box.width;
    return aside < 0.3 && at.y > box.y - 0.05 * box.height && at.y < box.y + 0.35 * box.height;
  });
}

/** Two looks at one head, or at one body, are one person. */
function isSame(a: Seen, b: Seen): boolean {
  const apart = distance(a.head.at, b.head.at);
  if (apart < 0.7 * Math.min(a.head.size, b.head.size)) return true;
  const areSeen = a.head.from !== 'box' && b.head.from !== 'box';
  if (areSeen && apart < 0.6 * Math.max(a.head.size, b.head.size)) return true;
  if (overlap(a.box, b.box) > SAME_BODY) return true;
  return a.head.from === 'box' && shareInside(a.box, b.box) > 0.85;
}

/** Each person once, the surest first. */
export function accepted(looks: readonly Seen[]): Seen[] {
  const likely = looks.filter(({ rank }) => rank >= ACCEPTED);
  return surest(likely, ({ rank }) => rank, isSame);
}
