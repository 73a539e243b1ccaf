/**
 * Whether a person holds inspection equipment (a tablet, a clipboard): CenterNet knows phones, laptops, books and
 * remotes, which is what it takes them for, and a hand is near. Pure.
 */
import type { Box, Seen } from '../../lib/image-record.ts';
import { isAlike, paintOf, pixelAt } from './colour.ts';
import { centre, distance, shareInside } from './geometry.ts';
import { isSure } from './head.ts';
import { HELD } from './labels.ts';
import type { Frame } from './models.ts';
import type { Found } from './nets/centernet.ts';
import type { FoundPerson } from './people.ts';
import { isFluorescent } from './vest.ts';

const MIN_SCORE = 0.16;
const WRISTS = [9, 10] as const;
/** In sizes of the head. */
const REACH = 1.3;
const LARGEST = 2.6;

function isHeld(thing: Box, { box, joints, head }: FoundPerson): boolean {
  if (shareInside(thing, box) < 0.6 || Math.max(thing.width, thing.height) > LARGEST * head.size)
    return false;
  const hands = WRISTS.map((index) => joints[index]).filter(
    (joint) => joint !== undefined && joint.score > 0.2,
  );
  const at = centre(thing);
  // Nobody holds it above the face.
  if (at.y < head.at.y) return false;
  const reach = REACH * head.size + Math.max(thing.width, thing.height) / 2;
  return hands.length === 0 || hands.some((hand) => hand !== undefined && distance(hand, at) < reach);
}

const ELBOWS = [7, 8] as const;
const BOARD_SAMPLES = 12;
const BOARD_SHARE = 0.55;

/** Where both hands are held level before the chest, and how far apart; null when they are not. */
function handsBefore({ joints, head, box }: FoundPerson): { x: number; y: number; apart: number } | null {
  const [left, right] = WRISTS.map((index) => joints[index]);
  if (left === undefined || right === undefined) return null;
  if (!isSure(joints, WRISTS) || !isSure(joints, ELBOWS)) return null;
  const apart = Math.abs(left.x - right.x);
  const y = (left.y + right.y) / 2;
  const low = Math.min(head.at.y + 3.4 * head.size, box.y + box.height);
  const isLevel = Math.abs(left.y - right.y) < 0.7 * head.size;
  const isNear = apart > 0.45 * head.size && apart < 2.2 * head.size;
  if (!isLevel || !isNear || y < head.at.y + 0.9 * head.size || y > low) return null;
  return { x: (left.x + right.x) / 2, y, apart };
}

/**
 * Something flat between both hands, of another colour than what the person wears: neither cloth nor skin. That is how
 * one holds a tablet; a valve's wheel is held wider.
 */
function holdsBoard(frame: Frame, person: FoundPerson): boolean {
  const hands = handsBefore(person);
  if (hands === null) return false;
  const { head } = person;
  const cloth = pixelAt(frame, hands.x, head.at.y + 1.15 * head.size);
  if (cloth === null) return false;
  let [other, count] = [0, 0];
  for (let row = 0; row < BOARD_SAMPLES; row++) {
    for (let column = 0; column < BOARD_SAMPLES; column++) {
      const x = hands.x + hands.apart * 0.8 * ((column + 0.5) / BOARD_SAMPLES - 0.5);
      const y = hands.y - hands.apart * 0.7 * ((row + 0.5) / BOARD_SAMPLES);
      const colour = pixelAt(frame, x, y);
      if (colour === null) continue;
      count += 1;
      const isWorn = isAlike(colour, cloth) || isFluorescent(colour);
      if (!isWorn && paintOf(colour) !== 'skin') other += 1;
    }
  }
  return count > 0 && other / count >= BOARD_SHARE;
}

/** Without a hand in sight nobody can say that it holds nothing. */
export function equipment(frame: Frame, found: readonly Found[], person: FoundPerson): Seen {
  const scores = found
    .filter(({ label, score, box }) => HELD.includes(label) && score >= MIN_SCORE && isHeld(box, person))
    .map(({ score }) => score);
  const best = Math.max(0, ...scores);
  if (best > 0) return { value: 'yes', confidence: Math.round(Math.min(0.95, 0.5 + best) * 100) / 100 };
  if (holdsBoard(frame, person)) return { value: 'yes', confidence: 0.55 };
  const hands = isSure(person.joints, WRISTS);
  return hands ? { value: 'no', confidence: 0.6 } : { value: 'unknown', confidence: 0 };
}
