/** What is said of a person at a glance. Pure. */
import type { Person, Photo } from './camera-shapes.ts';

/** missing: lacks a hard hat or a vest; unknown: one of them cannot be seen; fine: wears both. */
export type PersonState = 'missing' | 'unknown' | 'fine';

export const GEAR = [
  { key: 'hard_hat', label: 'Hard hat', short: 'hat', hotkey: 'h' },
  { key: 'vest', label: 'Safety vest', short: 'vest', hotkey: 'v' },
  { key: 'equipment', label: 'Inspection equipment', short: 'equipment', hotkey: 'e' },
] as const;
export type GearKey = (typeof GEAR)[number]['key'];
export type GearValue = Person['hard_hat']['value'];

export function personState({ hard_hat, vest }: Pick<Person, 'hard_hat' | 'vest'>): PersonState {
  const values = [hard_hat.value, vest.value];
  if (values.includes('no')) return 'missing';
  return values.includes('unknown') ? 'unknown' : 'fine';
}

/** "no hat, no vest", "hat?", "fine": what stands at a box. */
export function personLabel(person: Pick<Person, 'hard_hat' | 'vest'>): string {
  const words = [GEAR[0], GEAR[1]].flatMap(({ key, short }) => {
    const { value } = person[key];
    return value === 'no' ? [`no ${short}`] : value === 'unknown' ? [`${short}?`] : [];
  });
  return words.length === 0 ? 'hat and vest' : words.join(', ');
}

const NEXT: Readonly<Record<GearValue, GearValue>> = { yes: 'no', no: 'unknown', unknown: 'yes' };
export const nextValue = (value: GearValue): GearValue => NEXT[value];

export function photoAlt({ description, site_id, simulated }: Photo): string {
  return `${simulated ? 'Simulated photo' : 'Photo'} at ${site_id}. ${description}`;
}

export const scoreText = (score: number | null): string =>
  score === null ? 'no score' : `${Math.round(score)}`;

/** How a score is coloured; its number stands beside. */
export function scoreTone(score: number | null): 'ok' | 'warn' | 'alert' | 'none' {
  if (score === null) return 'none';
  return score >= 70 ? 'ok' : score >= 40 ? 'warn' : 'alert';
}
