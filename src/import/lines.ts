/** Cuts a stream of bytes into lines, of which none is kept that is longer than a bound. Pure. */
const NEWLINE = 0x0a;

/** `bytes` null: longer than the bound. `number` counts from 1. Empty lines are left out, and counted. */
export type Line = { readonly number: number; readonly bytes: Buffer | null };

export class LineSplitter {
  readonly #maxBytes: number;
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #tooLong = false;
  #number = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** The lines that end in this chunk. */
  *push(chunk: Buffer): Generator<Line> {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const line = this.#finish(chunk.subarray(from, end));
      if (line !== null) yield line;
      from = end + 1;
    }
    this.#keep(chunk.subarray(from));
  }

  /** What stands after the last newline; null when nothing does. */
  end(): Line | null {
    return this.#finish(Buffer.alloc(0));
  }

  #keep(rest: Buffer): void {
    if (rest.length === 0) return;
    this.#keptBytes += rest.length;
    if (this.#keptBytes > this.#maxBytes) {
      this.#tooLong = true;
      this.#kept = [];
    } else {
      this.#kept.push(rest);
    }
  }

  #finish(rest: Buffer): Line | null {
    this.#number++;
    this.#keep(rest);
    const bytes = this.#kept.length === 1 ? this.#kept[0] : Buffer.concat(this.#kept);
    const line = { number: this.#number, bytes: this.#tooLong ? null : (bytes ?? null) };
    const empty = this.#keptBytes === 0;
    this.#kept = [];
    this.#keptBytes = 0;
    this.#tooLong = false;
    return empty ? null : line;
  }
}
