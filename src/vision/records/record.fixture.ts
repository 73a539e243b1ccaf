/** Records for tests. */
import type { Person } from '../../lib/image-record.ts';
import { complianceScore } from '../score.ts';
import { derived, type StoredImage } from './record.ts';

type Value = Person['hard_hat']['value'];

export function personOf(hardHat: Value, vest: Value, equipment: Value = 'unknown', n = 0): Person {
  const seen = (value: Value) => ({ value, confidence: 0.8 });
  return {
    n,
    box: { x: 10, y: 20, width: 30, height: 90 },
    head: null,
    confidence: 0.9,
    hard_hat: seen(hardHat),
    vest: seen(vest),
    equipment: seen(equipment),
  };
}

/** `n` makes the id, and the time: the higher the later. */
export function recordOf(
  n: number,
  people: readonly Person[],
  changes: Partial<StoredImage> = {},
): StoredImage {
  const at = new Date(Date.UTC(2026, 10, 25, 12, n)).toISOString();
  const score = complianceScore(people);
  return {
    image_id: `00000000-0000-8000-8000-${String(n).padStart(12, '0')}`,
    site_id: 'TX-EAGLE',
    device_type: 'turbine',
    camera: 'cam-1',
    taken_at: at,
    simulated: false,
    people: [...people],
    description: 'One worker at a turbine.',
    keywords: ['turbine', 'worker'],
    compliance_score: score,
    width: 320,
    height: 240,
    file_name: `${n}.jpg`,
    version: 1,
    detector: 'test',
    described_by: 'local',
    received_at: at,
    updated_at: at,
    ...derived(people, score),
    detected: [...people],
    review: null,
    overrides: [],
    surroundings: { things: [], colours: ['blue'], hatColours: [], brightness: 0.5 },
    ...changes,
  };
}
