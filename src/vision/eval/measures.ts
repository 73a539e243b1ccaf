/** How right the detector is on photos whose heads are known. Pure. */
import { type Static, Type } from 'typebox';
import { Box, type Person } from '../../lib/image-record.ts';
import { bestPairs } from '../best-pairs.ts';

const Worn = Type.Union([Type.Literal('yes'), Type.Literal('no')]);

/** A head that a person has marked, in pixels of the photo as it is shown; what is left out is not judged. */
const Head = Type.Object({
  ...Box.properties,
  hard_hat: Type.Optional(Worn),
  vest: Type.Optional(Worn),
});
export const Labelled = Type.Object({
  photos: Type.Array(
    Type.Object({
      file: Type.String({ description: 'Relative to the file with the labels' }),
      /** Of the photo that was marked; the service shows a larger one smaller. */
      width: Type.Optional(Type.Number()),
      heads: Type.Array(Head),
    }),
    { minItems: 1 },
  ),
});
export type LabelledPhoto = Static<typeof Labelled>['photos'][number];
type KnownHead = LabelledPhoto['heads'][number];

type Verdict = { right: number; wrong: number; unknown: number };
/** Of "nobody wears it": how many alarms were true, how many true ones were raised. */
type Alarms = { raised: number; true_raised: number; true_all: number };

export type Measures = {
  readonly photos: number;
  readonly heads: number;
  /** Heads in the upper part of somebody who was found. */
  readonly covered: number;
  /** People who were found where no head is marked. */
  readonly made_up: number;
  /** Heads that somebody who was found has, of whom gear is judged. */
  readonly matched: number;
  readonly hard_hat: Verdict;
  readonly vest: Verdict;
  readonly no_hard_hat: Alarms;
};

const UPPER_PART = 0.45;

const centre = ({ x, y, width, height }: Box): { x: number; y: number } => ({
  x: x + width / 2,
  y: y + height / 2,
});

/** Whether the head is in the upper part of the person: what "found" means in these figures. */
function covers({ box }: Person, head: Box): boolean {
  const { x, y } = centre(head);
  return (
    x >= box.x &&
    x <= box.x + box.width &&
    y >= box.y - 0.5 * head.height &&
    y <= box.y + Math.max(UPPER_PART * box.height, head.height)
  );
}

/** Each head and each person once, the nearest heads first. */
function match(heads: readonly KnownHead[], people: readonly Person[]): Map<KnownHead, Person> {
  return bestPairs(heads, people, (head, person) => {
    const [a, b] = [centre(head), centre(person.head ?? person.box)];
    const apart = Math.hypot(a.x - b.x, a.y - b.y);
    return apart > head.width ? null : apart;
  });
}

function judge(verdict: Verdict, truth: 'yes' | 'no' | undefined, said: Person['vest']['value']): void {
  if (truth === undefined) return;
  if (said === 'unknown') verdict.unknown += 1;
  else if (said === truth) verdict.right += 1;
  else verdict.wrong += 1;
}

/** `photos`: the labels and what was found, in the same pixels. */
export function measure(
  photos: readonly { readonly heads: readonly KnownHead[]; readonly people: readonly Person[] }[],
): Measures {
  const verdict = (): Verdict => ({ right: 0, wrong: 0, unknown: 0 });
  const [hardHat, vest] = [verdict(), verdict()];
  const alarms: Alarms = { raised: 0, true_raised: 0, true_all: 0 };
  let [heads, covered, madeUp, matchedHeads] = [0, 0, 0, 0];
  for (const { heads: known, people } of photos) {
    const matched = match(known, people);
    heads += known.length;
    covered += known.filter((head) => people.some((person) => covers(person, head))).length;
    madeUp += people.filter((person) => !known.some((head) => covers(person, head))).length;
    matchedHeads += matched.size;
    for (const [head, person] of matched) {
      judge(hardHat, head.hard_hat, person.hard_hat.value);
      judge(vest, head.vest, person.vest.value);
      if (person.hard_hat.value === 'no' && head.hard_hat !== undefined) {
        alarms.raised += 1;
        if (head.hard_hat === 'no') alarms.true_raised += 1;
      }
    }
    alarms.raised += people.filter(
      (person) => person.hard_hat.value === 'no' && !known.some((head) => covers(person, head)),
    ).length;
    alarms.true_all += known.filter((head) => head.hard_hat === 'no').length;
  }
  return {
    photos: photos.length,
    heads,
    covered,
    made_up: madeUp,
    matched: matchedHeads,
    hard_hat: hardHat,
    vest,
    no_hard_hat: alarms,
  };
}
