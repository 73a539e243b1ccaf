/**
 * A few devices sit behind a bad radio link: they hold readings back for a while and then send them late and
 * out of order, the newest first. No reading is lost by it.
 */
import type { Random } from '../../lib/random.ts';

const PATCHY_FRACTION = 0.001;
const HOLD_PROBABILITY = 0.4;
export const MAX_HELD_READINGS = 4;

export type OutgoingReading = {
  readonly deviceNo: number;
  readonly timestampMs: number;
  readonly payload: string;
};

export class PatchyUplink {
  readonly #random: Random;
  readonly #held = new Map<number, OutgoingReading[]>();

  constructor(random: Random, fleetSize: number) {
    this.#random = random;
    const count = Math.round(fleetSize * PATCHY_FRACTION);
    while (this.#held.size < count) this.#held.set(1 + random.int(fleetSize), []);
  }

  /** Devices that hold readings back. */
  get devices(): readonly number[] {
    return [...this.#held.keys()];
  }

  /** What the device sends now that it has this new reading. */
  pass(reading: OutgoingReading): readonly OutgoingReading[] {
    const held = this.#held.get(reading.deviceNo);
    if (held === undefined) return [reading];
    if (held.length < MAX_HELD_READINGS && this.#random.float() < HOLD_PROBABILITY) {
      held.push(reading);
      return [];
    }
    return [reading, ...held.splice(0).reverse()];
  }
}
