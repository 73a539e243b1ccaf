/** The compliance score of domain.md: hard hat 40, vest 30, inspection equipment 30 of 100. Pure. */
import type { Person } from '../lib/image-record.ts';

const WEIGHTS = { hard_hat: 40, vest: 30, equipment: 30 } as const;
export const GEAR = ['hard_hat', 'vest', 'equipment'] as const;
export type Gear = (typeof GEAR)[number];

/** Of what is known of one person; null when nothing is. */
function personScore(person: Person): number | null {
  let [worn, known] = [0, 0];
  for (const gear of GEAR) {
    const { value } = person[gear];
    if (value !== 'unknown') known += WEIGHTS[gear];
    if (value === 'yes') worn += WEIGHTS[gear];
  }
  return known === 0 ? null : (100 * worn) / known;
}

/**
 * The mean over the people of a photo, 0 to 100, with one decimal. What is unknown of a person counts neither for nor
 * against; null when there is nobody, or nothing is known of anybody.
 */
export function complianceScore(people: readonly Person[]): number | null {
  const scores = people.map(personScore).filter((score) => score !== null);
  if (scores.length === 0) return null;
  return Math.round((10 * scores.reduce((sum, score) => sum + score, 0)) / scores.length) / 10;
}
