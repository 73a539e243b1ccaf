/** Write-ahead log as a list of entries; servers share history as far as their lists are equal. */

/** Entries without a row: checkpoints, new timelines, canaries. */
export const NO_KEY = 0;

export class Wal {
  readonly #entries: number[] = [];
  readonly #keys: number[] = [];
  readonly #committed = new Map<number, number>();

  get lsn(): number {
    return this.#entries.length;
  }

  append(entry: number, key: number): void {
    this.#entries.push(entry);
    this.#keys.push(key);
    if (key !== NO_KEY) this.#committed.set(key, (this.#committed.get(key) ?? 0) + 1);
  }

  /** How often the row was written; more than once is a broken unique index. */
  count(key: number): number {
    return this.#committed.get(key) ?? 0;
  }

  /** Forgets everything after `lsn`. */
  truncate(lsn: number): void {
    for (const key of this.#keys.splice(lsn)) {
      const left = (this.#committed.get(key) ?? 0) - 1;
      if (left > 0) this.#committed.set(key, left);
      else this.#committed.delete(key);
    }
    this.#entries.length = lsn;
  }

  /** Takes over what `source` has between this end and `lsn`. */
  follow(source: Wal, lsn: number): void {
    for (let at = this.lsn; at < lsn; at++) this.append(source.#entries[at] ?? 0, source.#keys[at] ?? NO_KEY);
  }

  /** The LSN up to which both are the same. */
  commonLsn(other: Wal): number {
    const end = Math.min(this.lsn, other.lsn);
    let at = 0;
    while (at < end && this.#entries[at] === other.#entries[at]) at++;
    return at;
  }
}

export const lsnText = (lsn: number): string => `0/${lsn.toString(16).toUpperCase()}`;
