/** What a photo shows, in words: for people, for the word cloud and for search by meaning. Pure. */
import type { Person } from '../lib/image-record.ts';
import type { StoredImage } from './records/record.ts';
import { GEAR, type Gear } from './score.ts';

type Surroundings = StoredImage['surroundings'];

const GEAR_WORDS: Readonly<Record<Gear, readonly [yes: string, no: string]>> = {
  hard_hat: ['with a hard hat', 'without a hard hat'],
  vest: ['with a safety vest', 'without a safety vest'],
  equipment: ['with a tablet or clipboard', ''],
};

const MACHINES: Readonly<Record<string, string>> = {
  turbine: 'turbine',
  thermal_engine: 'thermal engine',
  electrical_rotor: 'electrical rotor',
  ogd: 'oil and gas device',
};

const machineName = (deviceType: string): string => MACHINES[deviceType] ?? deviceType.replaceAll('_', ' ');

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;

function gearSentence(people: readonly Person[]): string {
  const parts = GEAR.flatMap((gear) =>
    (['yes', 'no'] as const).flatMap((value, index) => {
      const count = people.filter((person) => person[gear].value === value).length;
      const words = GEAR_WORDS[gear][index];
      if (count === 0 || words === undefined || words === '') return [];
      return [people.length === 1 ? words : `${count} ${words}`];
    }),
  );
  return parts.length === 0 ? '' : `: ${listed(parts)}`;
}

/** One sentence about the people and one about the rest. */
export function describe(
  people: readonly Person[],
  deviceType: string,
  { things, brightness }: Surroundings,
): string {
  const who =
    people.length === 0 ? 'Nobody' : people.length === 1 ? 'One worker' : `${people.length} workers`;
  const first = `${who} at a ${machineName(deviceType)}${gearSentence(people)}.`
    .replace(' at a e', ' at an e')
    .replace(' at a o', ' at an o');
  const light = brightness < 0.25 ? ' It is dark.' : '';
  const also = things.length === 0 ? '' : ` In sight: ${listed(things)}.`;
  return `${first}${also}${light}`;
}

/** Each once, without order of importance. */
export function keywords(
  people: readonly Person[],
  deviceType: string,
  { things, colours, hatColours, brightness }: Surroundings,
): string[] {
  const said = (gear: Gear, value: 'yes' | 'no', word: string): string[] =>
    people.some((person) => person[gear].value === value) ? [word] : [];
  const words = [
    machineName(deviceType),
    people.length === 0 ? 'no people' : people.length === 1 ? 'worker' : 'workers',
    ...(people.length >= 4 ? ['group'] : []),
    ...said('hard_hat', 'yes', 'hard hat'),
    ...said('hard_hat', 'no', 'no hard hat'),
    ...said('vest', 'yes', 'safety vest'),
    ...said('vest', 'no', 'no safety vest'),
    ...said('equipment', 'yes', 'inspection'),
    ...said('equipment', 'yes', 'tablet'),
    ...hatColours.map((colour) => `${colour} hard hat`),
    ...things,
    ...colours,
    brightness < 0.25 ? 'dark' : brightness > 0.6 ? 'bright' : 'daylight',
  ];
  return [...new Set(words)];
}
