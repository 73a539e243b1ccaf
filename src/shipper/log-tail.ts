/**
 * Follows a log that is rotated by renaming: path, then path.1, path.2 and so on. Reads on from a position that
 * survives the reader, and from the oldest file there is when it has none.
 *
 * Its writer goes on writing to a renamed file until it has been told to reopen it. So a reader leaves a renamed
 * file only when it finds nothing more in it for a while, and a newer one is there.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

const READ_BYTES = 256 * 1024;
const ROTATED_MAX = 9;
const NEWLINE = 0x0a;
/** Longer than a writer needs to reopen its file. */
const SETTLE_MS = 2_000;

/** `inode` of the file, and up to which byte of it everything is done with. */
export type Position = { readonly inode: number; readonly offset: number };
export type Read = {
  /** Without their newlines. */
  readonly lines: readonly string[];
  /** From where the next read goes on, once these lines are done with. */
  readonly next: Position | null;
  /** There is more to read at once. */
  readonly more: boolean;
};

type Found = { readonly path: string; readonly inode: number; readonly bytes: number };

export class LogTail {
  readonly #path: string;
  readonly #nowMs: () => number;
  /** Since when the renamed file that is read has had nothing more. */
  #doneSinceMs: number | null = null;

  /** Milliseconds of a clock that never goes back. */
  constructor(path: string, nowMs: () => number) {
    this.#path = path;
    this.#nowMs = nowMs;
  }

  /** Bytes that are not read yet, in all files from the position on. */
  behindBytes(position: Position | null): number {
    const files = this.#filesFrom(position);
    const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
    return total - (files[0]?.inode === position?.inode ? (position?.offset ?? 0) : 0);
  }

  /** The lines that are complete, a bounded number of bytes. Lines longer than that are left out. */
  read(position: Position | null): Read {
    const [file, newer] = this.#filesFrom(position);
    if (file === undefined) return { lines: [], next: position, more: false };
    const offset = file.inode === position?.inode ? position.offset : 0;
    const chunk = readChunk(file.path, file.inode, offset);
    const end = chunk.lastIndexOf(NEWLINE) + 1;
    const full = chunk.length === READ_BYTES;
    if (end > 0 || full) {
      this.#doneSinceMs = null;
      const next = { inode: file.inode, offset: offset + (end > 0 ? end : chunk.length) };
      return { lines: linesOf(chunk.subarray(0, end)), next, more: full };
    }
    if (newer === undefined || !this.#settled()) {
      return { lines: [], next: { inode: file.inode, offset }, more: false };
    }
    this.#doneSinceMs = null;
    return { lines: [], next: { inode: newer.inode, offset: 0 }, more: true };
  }

  #settled(): boolean {
    this.#doneSinceMs ??= this.#nowMs();
    return this.#nowMs() - this.#doneSinceMs >= SETTLE_MS;
  }

  /** The file of the position and those written after it, oldest first; all of them when it is gone. */
  #filesFrom(position: Position | null): Found[] {
    const names = [this.#path, ...Array.from({ length: ROTATED_MAX }, (_, n) => `${this.#path}.${n + 1}`)];
    const files = names
      .map(find)
      .filter((file) => file !== null)
      .reverse();
    const first = files.findIndex(({ inode }) => inode === position?.inode);
    return first < 0 ? files : files.slice(first);
  }
}

function find(path: string): Found | null {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat === undefined ? null : { path, inode: stat.ino, bytes: stat.size };
}

/** Empty when the file was renamed meanwhile: the next read finds it under its new name. */
function readChunk(path: string, inode: number, offset: number): Buffer {
  const file = openSync(path, 'r');
  try {
    if (fstatSync(file).ino !== inode) return Buffer.alloc(0);
    const chunk = Buffer.alloc(READ_BYTES);
    return chunk.subarray(0, readSync(file, chunk, 0, READ_BYTES, offset));
  } finally {
    closeSync(file);
  }
}

const linesOf = (chunk: Buffer): string[] =>
  chunk
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '');
