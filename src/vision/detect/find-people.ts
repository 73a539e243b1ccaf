/**
 * Looks for people with the three models, each only where it can find somebody: CenterNet at the whole photo; faces
 * where MoveNet, at the surest boxes, did not see everybody clearly; MoveNet at all boxes without a face; the first two
 * again at tiles, where people are small or many; faces at smaller tiles, where heads are tiny. Who is taken for a
 * person is said in people.ts.
 */
import type { Box } from '../../lib/image-record.ts';
import { distance, isCut, isWithin, type Square, squareAround, tiles, within } from './geometry.ts';
import { EYES, isSure, midpoint } from './head.ts';
import { ANIMALS, PERSON } from './labels.ts';
import type { Frame, Models } from './models.ts';
import type { Found } from './nets/centernet.ts';
import { distinct, type Face } from './nets/faces.ts';
import type { Joint } from './nets/movenet.ts';
import {
  accepted,
  candidates,
  type FoundPerson,
  isBody,
  isKnown,
  type Seen,
  withFaces,
  withJoints,
} from './people.ts';

/** Bodies below this alone are no reason to look for faces. */
const LIKELY_BODY = 0.3;
/** Faces below are noise, even in a body. */
const MIN_FACE = 0.15;
/**
 * Looks at boxes, the surest first, 0.01 s each: before faces are looked for, in the whole photo, and in a photo that was
 * seen in tiles too.
 */
const MAX_POSES_FIRST = 3;
const MAX_POSES = 8;
const MAX_POSES_TILED = 36;
/** What MoveNet is shown, in sides of the box. */
const AROUND = 1.25;
/** A person below this part of the photo's shorter side may have neighbours that were too small to be found. */
const SMALL = 0.35;
const CROWD = 4;
const TILE_ZOOM = 1.5;
/** So many heads in a tile below this part of the photo's longer side may have neighbours that are missed. */
const MANY = 3;
const TINY_HEAD = 0.025;
const SMALL_TILE_ZOOM = 2.5;
/** A look with less than it takes to be somebody, and more than this, may be somebody who is too small. */
const HINT = 0.28;
/** Of so many whose face was found joints are looked for, for what they wear and hold: the nearest. */
const MAX_JOINTS = 3;
/** Of so many the hands are looked at again. */
const MAX_HANDS = 1;
const NEAR_HEAD_PX = 16;
const ELBOWS = [7, 8] as const;
const WRISTS = [9, 10] as const;
/** How much of a forearm's length is downwards, from here on. */
const HANGING = 0.75;

export type Scene = {
  readonly people: readonly FoundPerson[];
  /** Everything that was found, things too. */
  readonly found: readonly Found[];
};

type Clues = { readonly found: readonly Found[]; readonly faces: readonly Face[] };

/** The joints of whoever is in a box. */
type Pose = (box: Box) => Promise<readonly Joint[]>;

/** Looks at each box of the photo once, whoever asks for it and however often. */
function poseOnce(models: Models, frame: Frame): Pose {
  const known = new Map<Box, Promise<readonly Joint[]>>();
  return (box) => {
    const joints = known.get(box) ?? models.pose(frame, squareAround(box, AROUND));
    known.set(box, joints);
    return joints;
  };
}

/** Faces first, then boxes without one. */
async function look(pose: Pose, { found, faces }: Clues, max: number): Promise<Seen[]> {
  const boxes = candidates(found);
  const looks = withFaces(faces, boxes);
  const rest = boxes.filter((candidate) => !isKnown(candidate, looks));
  for (const candidate of rest.slice(0, max)) looks.push(withJoints(candidate, await pose(candidate.box)));
  return looks;
}

const isAnimal = ({ label, score }: Found): boolean => ANIMALS.includes(label) && score >= 0.2;

const isLikelyBody = (one: Found): boolean => isBody(one) && one.score >= LIKELY_BODY;

/** Whether it may be somebody, who is too small or too far to the side to tell. */
const isHint = ({ rank }: Seen): boolean => rank >= HINT;

const isSmall = ({ box }: Seen, { width, height }: Frame): boolean =>
  box.height < SMALL * Math.min(width, height);

/** Faces cost as much as all else: they are not looked for where MoveNet saw clearly whoever there can be, or nobody. */
function needsFaces(looks: readonly Seen[], found: readonly Found[], frame: Frame): boolean {
  if (looks.length < candidates(found).length || found.some(isAnimal)) return true;
  const people = accepted(looks);
  const isClear = (person: Seen): boolean => person.head.from === 'face' && !isSmall(person, frame);
  const rest = looks.filter((one) => isHint(one) && !isKnown(one, people));
  return !people.every(isClear) || rest.length > 0;
}

/** Where nobody was found and nothing looks like it, nobody is looked for. */
function needsTiles(looks: readonly Seen[], found: readonly Found[], frame: Frame): boolean {
  const people = accepted(looks);
  if (people.length === 0) return looks.some(isHint) || found.some(isAnimal);
  return people.length >= CROWD || people.some((person) => isSmall(person, frame));
}

/** What is in a tile as a whole: the rest of it is in another one. */
function wholeIn<T extends { readonly box: Box }>(all: readonly T[], tile: Square, frame: Frame): T[] {
  return all.filter(({ box }) => !isCut(box, tile, frame.width, frame.height));
}

const facesInTile = async (models: Models, frame: Frame, tile: Square): Promise<Face[]> =>
  wholeIn(await models.faces(frame, tile, MIN_FACE), tile, frame);

async function lookAtTile(models: Models, frame: Frame, tile: Square): Promise<Clues> {
  const found = wholeIn(await models.objects(frame, tile), tile, frame);
  return { found, faces: found.some(isLikelyBody) ? await facesInTile(models, frame, tile) : [] };
}

/** Where there are heads so small that there may be others, which were not found. */
function smallTiles(looks: readonly Seen[], { width, height }: Frame): Square[] {
  const tiny = accepted(looks).filter(({ head }) => head.size < TINY_HEAD * Math.max(width, height));
  return tiles(width, height, SMALL_TILE_ZOOM).filter(
    (tile) => tiny.filter(({ head }) => isWithin(head.at, tile)).length >= MANY,
  );
}

/** Who is found in tiles besides, and what. */
async function lookAtTiles(
  models: Models,
  frame: Frame,
  pose: Pose,
  known: Clues,
): Promise<{ readonly found: readonly Found[]; readonly looks: readonly Seen[] }> {
  const { width, height } = frame;
  const [found, seen] = [[...known.found], [...known.faces]];
  for (const tile of tiles(width, height, TILE_ZOOM)) {
    const clues = await lookAtTile(models, frame, tile);
    found.push(...clues.found);
    seen.push(...clues.faces);
  }
  const lookAgain = (): Promise<Seen[]> => look(pose, { found, faces: distinct(seen) }, MAX_POSES_TILED);
  const looks = await lookAgain();
  const small = smallTiles(looks, frame);
  if (small.length === 0) return { found, looks };
  for (const tile of small) seen.push(...(await facesInTile(models, frame, tile)));
  return { found, looks: await lookAgain() };
}

/** The joints of whoever's face is known; those of a neighbour in the same box are of no use. */
async function jointsOf(pose: Pose, { box, head }: Seen): Promise<readonly Joint[]> {
  const joints = await pose(box);
  return distance(midpoint(joints, EYES), head.at) > head.size ? [] : joints;
}

async function finished(pose: Pose, frame: Frame, everybody: readonly Seen[]): Promise<FoundPerson[]> {
  const near = everybody
    .filter(({ head, joints }) => joints.length === 0 && head.size >= NEAR_HEAD_PX)
    .sort((a, b) => b.head.size - a.head.size)
    .slice(0, MAX_JOINTS);
  const people: FoundPerson[] = [];
  for (const person of everybody) {
    people.push({
      box: within(person.box, frame.width, frame.height),
      joints: near.includes(person) ? await jointsOf(pose, person) : person.joints,
      head: person.head,
      confidence: Math.min(1, person.rank),
    });
  }
  return people;
}

/** A forearm that hangs holds nothing up to look at. Wrists that are not sure say nothing. */
export function holdsUp(joints: readonly Joint[]): boolean {
  if (!isSure(joints, WRISTS)) return false;
  return WRISTS.some((wrist, arm) => {
    const [from, to] = [joints[ELBOWS[arm] ?? 0], joints[wrist]];
    return from !== undefined && to !== undefined && to.y - from.y < HANGING * distance(from, to);
  });
}

/** What people hold is small: the hands of the nearest are looked at again. */
async function findHeld(models: Models, frame: Frame, people: readonly FoundPerson[]): Promise<Found[]> {
  const near = people
    .filter(({ head, joints }) => head.size >= NEAR_HEAD_PX && holdsUp(joints))
    .sort((a, b) => b.head.size - a.head.size)
    .slice(0, MAX_HANDS);
  const found: Found[] = [];
  for (const { head } of near) {
    const side = 6 * head.size;
    const square = { x: head.at.x - side / 2, y: head.at.y + 2 * head.size - side / 2, side };
    found.push(...(await models.objects(frame, square)).filter(({ label }) => label !== PERSON));
  }
  return found;
}

export async function findPeople(models: Models, frame: Frame): Promise<Scene> {
  const { width, height } = frame;
  const whole = { x: 0, y: 0, side: Math.max(width, height) };
  const found = await models.objects(frame, whole);
  if (!found.some((one) => isAnimal(one) || isBody(one))) return { people: [], found };
  const pose = poseOnce(models, frame);
  let faces: readonly Face[] = [];
  let looks: readonly Seen[] = await look(pose, { found, faces }, MAX_POSES_FIRST);
  if (needsFaces(looks, found, frame)) {
    faces = await models.faces(frame, whole, MIN_FACE);
    looks = await look(pose, { found, faces }, MAX_POSES);
  }
  const seen = needsTiles(looks, found, frame)
    ? await lookAtTiles(models, frame, pose, { found, faces })
    : { found, looks };
  const people = await finished(pose, frame, accepted(seen.looks));
  return { people, found: [...seen.found, ...(await findHeld(models, frame, people))] };
}
