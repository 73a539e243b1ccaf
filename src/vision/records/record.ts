/** The record of a photo as it is stored: one document, so that a change and its trail are one write. */
import { type Static, Type } from 'typebox';
import { type Person, Person as PersonSchema } from '../../lib/image-record.ts';
import { Image, OverridesBody } from '../schemas.ts';
import { GEAR, type Gear } from '../score.ts';

const Counts = Type.Object({ yes: Type.Integer(), no: Type.Integer(), unknown: Type.Integer() });
/** What the detector said of people that somebody looked at, and how much of it stands. */
const Agreement = Type.Object({ said: Type.Integer(), right: Type.Integer() });

export const StoredImage = Type.Object({
  ...Image.properties,
  counts: Type.Object({ hard_hat: Counts, vest: Counts, equipment: Counts }),
  /** Somebody lacks a hard hat or a vest. */
  violation: Type.Boolean(),
  /** The score for sorting: a photo without one comes last. */
  rank: Type.Number(),
  /** As the detector found them; nothing changes it. */
  detected: Type.Array(PersonSchema),
  /** null: nobody has looked at it. */
  review: Type.Union([
    Type.Null(),
    Type.Object({ hard_hat: Agreement, vest: Agreement, equipment: Agreement, person: Agreement }),
  ]),
  overrides: OverridesBody.properties.overrides,
  /** What else the detector saw: the description follows from it and the people. */
  surroundings: Type.Object({
    things: Type.Array(Type.String()),
    colours: Type.Array(Type.String()),
    hatColours: Type.Array(Type.String()),
    brightness: Type.Number(),
  }),
});
export type StoredImage = Static<typeof StoredImage>;

const NO_SCORE = 101;

function countsOf(people: readonly Person[], gear: Gear): StoredImage['counts'][Gear] {
  const count = (value: string): number => people.filter((person) => person[gear].value === value).length;
  return { yes: count('yes'), no: count('no'), unknown: count('unknown') };
}

/** What follows from the people and the score; it is stored to be searched. */
export function derived(
  people: readonly Person[],
  score: number | null,
): Pick<StoredImage, 'counts' | 'violation' | 'rank'> {
  const [hardHat, vest, equipment] = GEAR.map((gear) => countsOf(people, gear));
  const none = { yes: 0, no: 0, unknown: 0 };
  const counts = { hard_hat: hardHat ?? none, vest: vest ?? none, equipment: equipment ?? none };
  return {
    counts,
    violation: counts.hard_hat.no > 0 || counts.vest.no > 0,
    rank: score ?? NO_SCORE,
  };
}

/** What the service answers of it. */
export function present(record: StoredImage): Image {
  const { counts: _c, violation: _v, rank: _r, detected: _d, review: _w, overrides: _o, ...rest } = record;
  const { surroundings: _s, ...image } = rest;
  return image;
}
