/** Everything that is said of one photo: its people with what they wear, and what is around them. */
import type { Box, Person } from '../../lib/image-record.ts';
import type { StoredImage } from '../records/record.ts';
import { type Paint, paintOf, pixelAt } from './colour.ts';
import { equipment } from './equipment.ts';
import { findPeople } from './find-people.ts';
import { within } from './geometry.ts';
import { hardHatOf } from './hard-hat.ts';
import { headBox } from './head.ts';
import { THINGS } from './labels.ts';
import type { Frame, Models } from './models.ts';
import type { Found } from './nets/centernet.ts';
import type { FoundPerson } from './people.ts';
import { vest } from './vest.ts';

export type Analysis = {
  readonly people: readonly Person[];
  /** Colours: paints that cover much of the photo, the largest first. Brightness: the mean, 0 to 1. */
  readonly surroundings: StoredImage['surroundings'];
};

/** Machines look like many things when one is not strict. */
const THING_SCORE = 0.35;

const PAINTS: readonly Paint[] = ['white', 'red', 'orange', 'yellow', 'green', 'blue'];
const MUCH = 0.1;
const SAMPLES = 40;

const rounded = (box: Box): Box => ({
  x: Math.round(box.x),
  y: Math.round(box.y),
  width: Math.round(box.width),
  height: Math.round(box.height),
});

function counted(paints: readonly Paint[], share: number): Paint[] {
  const count = (paint: Paint): number => paints.filter((other) => other === paint).length;
  return PAINTS.filter((paint) => count(paint) > share * paints.length).sort((a, b) => count(b) - count(a));
}

function hatColour(frame: Frame, { head }: FoundPerson): Paint[] {
  const paints: Paint[] = [];
  for (let v = -0.8; v <= -0.4; v += 0.05) {
    for (let u = -0.25; u <= 0.25; u += 0.05) {
      const colour = pixelAt(frame, head.at.x + u * head.size, head.at.y + v * head.size);
      if (colour !== null) paints.push(paintOf(colour));
    }
  }
  return counted(paints, 0.4).slice(0, 1);
}

function sampled(frame: Frame): { paints: Paint[]; brightness: number } {
  const paints: Paint[] = [];
  let light = 0;
  for (let row = 0; row < SAMPLES; row++) {
    for (let column = 0; column < SAMPLES; column++) {
      const x = ((column + 0.5) * frame.width) / SAMPLES - 0.5;
      const y = ((row + 0.5) * frame.height) / SAMPLES - 0.5;
      const colour = pixelAt(frame, x, y) ?? [0, 0, 0];
      paints.push(paintOf(colour));
      light += (0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]) / 255;
    }
  }
  return { paints, brightness: light / (SAMPLES * SAMPLES) };
}

const thingsIn = (found: readonly Found[]): string[] => [
  ...new Set(
    found.flatMap(({ label, score }) => {
      const name = THINGS.get(label);
      return name !== undefined && score >= THING_SCORE ? [name] : [];
    }),
  ),
];

export async function analyse(models: Models, frame: Frame): Promise<Analysis> {
  const { people, found } = await findPeople(models, frame);
  const said = people.map(
    (person): Person => ({
      box: rounded(person.box),
      head: rounded(within(headBox(person.head), frame.width, frame.height)),
      confidence: Math.round(person.confidence * 100) / 100,
      hard_hat: hardHatOf(frame, person),
      vest: vest(frame, person),
      equipment: equipment(frame, found, person),
    }),
  );
  const hats = people.filter((_, index) => said[index]?.hard_hat.value === 'yes');
  const { paints, brightness } = sampled(frame);
  return {
    people: said,
    surroundings: {
      things: thingsIn(found),
      colours: counted(paints, MUCH),
      hatColours: [...new Set(hats.flatMap((person) => hatColour(frame, person)))],
      brightness,
    },
  };
}
