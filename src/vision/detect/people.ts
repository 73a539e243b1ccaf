/**
 * Who is in a photo. CenterNet proposes boxes, MoveNet looks at each of them: a box in which it sees a face and
 * shoulders is a person although CenterNet was unsure, one in which it sees none must be surer.
 */
import type { Box } from '../../lib/image-record.ts';
import {
  distance,
  isCut,
  overlap,
  type Square,
  shareInside,
  squareAround,
  tiles,
  within,
} from './geometry.ts';
import { FACE, facesIn, type Head, headOf, meanScore } from './head.ts';
import type { Found, Frame, Joint, Models } from './models.ts';

const PERSON = 0;

/** Boxes below are not looked at closer. */
const MIN_SCORE = 0.18;
/** Lower boxes show nothing that could be told of a person. */
const MIN_HEIGHT_PX = 14;
/** Boxes of which this is common are of one person. */
const SAME_BOX = 0.6;
const UNCHANGED = 0.99;
/** Looks at boxes, the surest first, 0.02 s each: in the whole photo, and in a photo that was seen in tiles too. */
const MAX_POSES = 8;
const MAX_POSES_TILED = 36;
const UPPER_BODY = [0, 1, 2, 3, 4, 5, 6] as const;
/** Score of the box and half of the upper body's: what both together must reach. Tuned on photos of building sites. */
const ACCEPTED = 0.38;
/** A box wider than this part of its height may hold two people: each half is looked at too. */
const WIDE = 0.75;
const HALF_ACCEPTED = 0.4;
/** A face below this is looked at again from nearer. */
const CLEAR_FACE = 0.45;
/** A person below this part of the photo's shorter side may have neighbours that were too small to be found. */
const SMALL = 0.35;
const CROWD = 4;
const TILE_ZOOM = 1.5;
/** A look below ACCEPTED and above this may be somebody who is too small. */
const HINT = 0.28;
const HANDS_MIN_HEAD_PX = 16;
const MAX_HANDS = 1;

export type FoundPerson = {
  readonly box: Box;
  readonly joints: readonly Joint[];
  readonly head: Head;
  /** 0 to 1. */
  readonly confidence: number;
};

type Candidate = {
  readonly box: Box;
  readonly score: number;
  readonly half: boolean;
};
type Seen = Candidate & { readonly joints: readonly Joint[]; readonly head: Head; readonly rank: number };

/** Boxes of people, the surest first, each once; both halves of wide ones behind them. Pure. */
export function candidates(found: readonly Found[]): Candidate[] {
  const boxes = found
    .filter(({ label, score, box }) => label === PERSON && score >= MIN_SCORE && box.height > MIN_HEIGHT_PX)
    .sort((a, b) => b.score - a.score);
  const kept: Found[] = [];
  for (const one of boxes) {
    if (!kept.some(({ box }) => overlap(box, one.box) > SAME_BOX)) kept.push(one);
  }
  return kept.flatMap(({ box, score }) => {
    const whole = { box, score, half: false };
    if (box.width <= box.height * WIDE) return [whole];
    const half = (x: number): Candidate => ({
      box: { ...box, x, width: box.width * 0.6 },
      score,
      half: true,
    });
    return [whole, half(box.x), half(box.x + box.width * 0.4)];
  });
}

function seen(candidate: Candidate, joints: readonly Joint[]): Seen {
  const upper = meanScore(joints, UPPER_BODY);
  const rank = candidate.score * (candidate.half ? 0.5 : 1) + 0.5 * upper;
  return { ...candidate, joints, head: headOf(joints, candidate.box), rank };
}

/** Two looks at one head, or at one body, are one person. */
function isSame(a: Seen, b: Seen): boolean {
  const apart = distance(a.head.at, b.head.at);
  if (apart < 0.7 * Math.min(a.head.size, b.head.size)) return true;
  const faces = a.head.from === 'joints' && b.head.from === 'joints';
  if (faces && apart < 0.6 * Math.max(a.head.size, b.head.size)) return true;
  if (overlap(a.box, b.box) > 0.55) return true;
  return a.head.from === 'box' && shareInside(a.box, b.box) > 0.85;
}

/** Pure. */
export function accepted(looks: readonly Seen[]): Seen[] {
  const likely = looks
    .filter((look) =>
      look.half
        ? meanScore(look.joints, UPPER_BODY) >= HALF_ACCEPTED && look.head.from === 'joints'
        : look.rank >= ACCEPTED,
    )
    .sort((a, b) => b.rank - a.rank);
  const people: Seen[] = [];
  for (const look of likely) {
    if (!people.some((person) => isSame(look, person))) people.push(look);
  }
  return people;
}

/** From nearer: the upper half of the box, and its corners when it is wide. */
function closer({ box }: Seen): Square[] {
  const { x, y, width, height } = box;
  const side = Math.max(Math.min(width, height), height * 0.5);
  const top = { x: x + width / 2 - side / 2, y: y - 0.1 * side, width: side, height: side };
  if (width <= height * 0.7) return [squareAround(top, 1.15)];
  const corner = (left: number): Box => ({
    x: left,
    y: y - 0.05 * width,
    width: 0.6 * width,
    height: 0.6 * width,
  });
  return [top, corner(x - 0.05 * width), corner(x + 0.45 * width)].map((part) => squareAround(part, 1.15));
}

async function lookCloser(models: Models, frame: Frame, person: Seen): Promise<Seen> {
  let best = person;
  if (meanScore(person.joints, FACE) >= CLEAR_FACE && person.head.from === 'joints') return best;
  for (const square of closer(person)) {
    const joints = await models.pose(frame, square);
    if (!facesIn(joints, person.box)) continue;
    if (meanScore(joints, FACE) > meanScore(best.joints, FACE) + 0.05) {
      best = { ...person, joints, head: headOf(joints, person.box) };
    }
  }
  return best;
}

/** Each box is looked at once, also when more boxes have come beside it. */
async function look(
  models: Models,
  frame: Frame,
  found: readonly Found[],
  known: readonly Seen[],
  max: number,
): Promise<Seen[]> {
  const looks: Seen[] = [];
  for (const candidate of candidates(found).slice(0, max)) {
    const { box, half } = candidate;
    const before = known.find((other) => other.half === half && overlap(other.box, box) > UNCHANGED);
    looks.push(before ?? seen(candidate, await models.pose(frame, squareAround(box, 1.25))));
  }
  return looks;
}

/** Whoever crouches in working clothes may be taken for an animal. */
const isAnimal = ({ label, score }: Found): boolean => label >= 14 && label <= 23 && score >= 0.2;

/** Where nobody was found and nothing looks like it, nobody is looked for. */
function needsTiles(looks: readonly Seen[], found: readonly Found[], { width, height }: Frame): boolean {
  const people = accepted(looks);
  const small = SMALL * Math.min(width, height);
  if (people.length === 0) return looks.some(({ rank }) => rank >= HINT) || found.some(isAnimal);
  return people.length >= CROWD || people.some(({ box }) => box.height < small);
}

/** What people hold is small: the hands of the nearest are looked at again. */
async function findHeld(models: Models, frame: Frame, people: readonly FoundPerson[]): Promise<Found[]> {
  const near = people
    .filter(({ head }) => head.size >= HANDS_MIN_HEAD_PX)
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

export type Scene = {
  readonly people: readonly FoundPerson[];
  /** Everything that was found, things too. */
  readonly found: readonly Found[];
};

export async function findPeople(models: Models, frame: Frame): Promise<Scene> {
  const { width, height } = frame;
  const found = await models.objects(frame, { x: 0, y: 0, side: Math.max(width, height) });
  let looks = await look(models, frame, found, [], MAX_POSES);
  if (needsTiles(looks, found, frame)) {
    for (const tile of tiles(width, height, TILE_ZOOM)) {
      const inTile = await models.objects(frame, tile);
      found.push(...inTile.filter(({ box }) => !isCut(box, tile, width, height)));
    }
    looks = await look(models, frame, found, looks, MAX_POSES_TILED);
  }
  const people: FoundPerson[] = [];
  for (const person of accepted(looks)) {
    const { box, joints, head, rank } = await lookCloser(models, frame, person);
    people.push({ box: within(box, width, height), joints, head, confidence: Math.min(1, rank) });
  }
  return { people, found: [...found, ...(await findHeld(models, frame, people))] };
}
