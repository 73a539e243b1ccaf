/**
 * The file in which seconds wait for the database, one line each: an outage of the database is what they are about.
 * A line is on the disk before its second counts as recorded.
 */
import {
  closeSync,
  existsSync,
  fdatasync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { Value } from 'typebox/value';
import { SecondRecord } from './ledger.ts';

const flush = promisify(fdatasync);

export class Spool {
  readonly #path: string;
  #file: number;
  #flushing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'a', 0o600);
  }

  /** What an earlier run has left; a line that was cut short by its end is left out. */
  static read(path: string): SecondRecord[] {
    if (!existsSync(path)) return [];
    return readFileSync(path, 'utf8').split('\n').flatMap(parse);
  }

  /** Resolves when the line is on the disk; a failure to write it is thrown. */
  append(record: SecondRecord): Promise<void> {
    writeSync(this.#file, `${JSON.stringify(record)}\n`);
    this.#flushing = this.#flushing.then(() => flush(this.#file));
    return this.#flushing;
  }

  /** Replaces the file by what is held then: the other lines are in the database. */
  async keep(held: () => readonly SecondRecord[]): Promise<void> {
    await this.#flushing;
    // From here to the end nothing is awaited, so no line goes to the old file.
    const lines = held().map((record) => `${JSON.stringify(record)}\n`);
    const next = `${this.#path}.next`;
    const file = openSync(next, 'w', 0o600);
    writeSync(file, lines.join(''));
    fsyncSync(file);
    renameSync(next, this.#path);
    closeSync(this.#file);
    closeSync(file);
    this.#file = openSync(this.#path, 'a', 0o600);
  }

  async close(): Promise<void> {
    await this.#flushing;
    closeSync(this.#file);
  }
}

function parse(line: string): SecondRecord[] {
  try {
    const record: unknown = JSON.parse(line);
    return Value.Check(SecondRecord, record) ? [record] : [];
  } catch {
    // Cut short by a crash, or empty after the last line break.
    return [];
  }
}
