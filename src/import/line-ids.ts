/**
 * Names lines by what they say: the n-th line with one text has the same name in every file, so importing a file
 * again, or the same file after it has grown or was rotated, adds only what is new. Two lines that say the same are
 * two requests. Pure.
 */
import { hash } from 'node:crypto';
import { accessEntryId } from '../lib/access-log.ts';

/** Logs are nearly in order: what was counted for a second that is this many seconds back is forgotten. */
const SECONDS_KEPT = 4_096;

export class LineIds {
  /** By second, in order of appearance: how often each text has stood. */
  readonly #seen = new Map<number, Map<string, number>>();

  /** A UUID. `atMs` is the line's own time. */
  idOf(line: Buffer, atMs: number): string {
    const digest = hash('sha256', line, 'hex').slice(0, 32);
    const texts = this.#textsOf(atMs);
    const before = texts.get(digest) ?? 0;
    texts.set(digest, before + 1);
    return accessEntryId(atMs, before === 0 ? digest : hash('sha256', `${digest} ${before}`, 'hex'));
  }

  #textsOf(atMs: number): Map<string, number> {
    const known = this.#seen.get(atMs);
    if (known !== undefined) return known;
    const texts = new Map<string, number>();
    this.#seen.set(atMs, texts);
    if (this.#seen.size > SECONDS_KEPT) {
      const [oldest] = this.#seen.keys();
      if (oldest !== undefined) this.#seen.delete(oldest);
    }
    return texts;
  }
}
