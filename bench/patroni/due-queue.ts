/** Writes that are due, handed to whichever connection is free first. */

export type Due = { readonly seq: number; readonly dueMs: number };

export class DueQueue {
  readonly #max: number;
  readonly #waiting: Due[] = [];
  #takers: ((due: Due | null) => void)[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** At the bound it is left out. */
  push(due: Due): void {
    const taker = this.#takers.shift();
    if (taker !== undefined) taker(due);
    else if (this.#waiting.length < this.#max) this.#waiting.push(due);
  }

  /** The oldest one, as soon as there is one; null when `release` is called first. */
  take(): Promise<Due | null> {
    const due = this.#waiting.shift();
    if (due !== undefined) return Promise.resolve(due);
    return new Promise((resolve) => this.#takers.push(resolve));
  }

  /** Those who wait go away with nothing. */
  release(): void {
    const takers = this.#takers;
    this.#takers = [];
    for (const taker of takers) taker(null);
  }
}
