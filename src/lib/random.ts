/**
 * The only source of randomness. Everything that must be reproducible draws from a seeded `Random`; what must
 * differ between processes (jitter, client ids) seeds one from `entropySeed()`.
 *
 * Generator: sfc32 of PractRand by Chris Doty-Humphrey (https://pracrand.sourceforge.net), 128 bits of state,
 * passes PractRand and BigCrush; seeded through splitmix32 and run in with 12 rounds as its author does.
 */
import { randomInt } from 'node:crypto';

/** A seed that nobody can predict, 0 … 2^32 - 1. Log it, so that the run can be repeated. */
export function entropySeed(): number {
  return randomInt(0, 2 ** 32);
}

export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;
  /** Marsaglia's polar method yields normals in pairs; the second one waits here, NaN when there is none. */
  #spareNormal = Number.NaN;

  /** `seed` is taken modulo 2^32. Equal seeds give equal sequences. */
  constructor(seed: number) {
    let state = seed >>> 0;
    const splitmix32 = (): number => {
      state = (state + 0x9e3779b9) | 0;
      let z = state ^ (state >>> 16);
      z = Math.imul(z, 0x21f0aaad);
      z ^= z >>> 15;
      z = Math.imul(z, 0x735a2d97);
      return z ^ (z >>> 15);
    };
    this.#a = splitmix32();
    this.#b = splitmix32();
    this.#c = splitmix32();
    for (let round = 0; round < 12; round++) this.uint32();
  }

  /** Uniform integer in 0 … 2^32 - 1. */
  uint32(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return result >>> 0;
  }

  /** Uniform in [0, 1), 32 bits of resolution. */
  float(): number {
    return this.uint32() / 2 ** 32;
  }

  /** Uniform in [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.float();
  }

  /** Uniform integer in 0 … bound - 1. Throws RangeError unless bound is an integer of 1 … 2^32. */
  int(bound: number): number {
    if (!Number.isInteger(bound) || bound < 1 || bound > 2 ** 32) {
      throw new RangeError(`bound ${bound} is not an integer of 1..2^32`);
    }
    return Math.floor(this.float() * bound);
  }

  /** Standard normal: mean 0, standard deviation 1. */
  normal(): number {
    if (!Number.isNaN(this.#spareNormal)) {
      const spare = this.#spareNormal;
      this.#spareNormal = Number.NaN;
      return spare;
    }
    for (;;) {
      const x = 2 * this.float() - 1;
      const y = 2 * this.float() - 1;
      const square = x * x + y * y;
      if (square === 0 || square >= 1) continue;
      const scale = Math.sqrt((-2 * Math.log(square)) / square);
      this.#spareNormal = y * scale;
      return x * scale;
    }
  }

  /** Exponential waiting time with the given mean, same unit as the mean. */
  exponential(mean: number): number {
    return -mean * Math.log(1 - this.float());
  }

  /** The numbers 0 … size - 1 in random order (Fisher-Yates). */
  permutation(size: number): Uint32Array {
    const order = Uint32Array.from({ length: size }, (_, index) => index);
    for (let last = size - 1; last > 0; last--) {
      const other = this.int(last + 1);
      const held = order[last] ?? 0;
      order[last] = order[other] ?? 0;
      order[other] = held;
    }
    return order;
  }
}
