/**
 * A file of what was acknowledged to the users and their sites, so that a test can compare it with the database. One
 * JSON object a line, in the order of acknowledgement.
 */
import { createWriteStream, type WriteStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { within } from '../../lib/clock.ts';

const Entry = Type.Union([
  Type.Object({
    kind: Type.Union([Type.Literal('login'), Type.Literal('logout')]),
    session_id: Type.String(),
    at: Type.String(),
  }),
  Type.Object({ kind: Type.Literal('report'), message_id: Type.String(), at: Type.String() }),
]);
export type LedgerEntry = Static<typeof Entry>;

/** What the disk did not take yet: beyond this the ledger would no longer be complete. */
const MAX_WAITING_BYTES = 10_000_000;
const CLOSE_MS = 5_000;

export class UserLedger {
  readonly #file: WriteStream;
  #failure: Error | null = null;

  private constructor(file: WriteStream) {
    this.#file = file;
    file.on('error', (error) => {
      this.#failure ??= error;
    });
  }

  /** Opens the file for appending. Throws when it cannot be written. */
  static async open(path: string): Promise<UserLedger> {
    await (await open(path, 'a')).close();
    return new UserLedger(createWriteStream(path, { flags: 'a' }));
  }

  /** Throws once the disk has failed or fallen too far behind. */
  append(entry: LedgerEntry): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#file.writableLength > MAX_WAITING_BYTES) throw new Error('the ledger of the users fell behind');
    this.#file.write(`${JSON.stringify(entry)}\n`);
  }

  /** Writes what is left and closes the file. Throws the first error that a write met. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#file.once('close', () => resolve()));
    this.#file.end();
    await within(CLOSE_MS, 'the ledger of the users cannot be closed', closed);
    if (this.#failure !== null) throw this.#failure;
  }
}

/** Entries of a ledger file. Throws when a line is none; a last one that was cut short is left out. */
export async function readUserLedger(path: string): Promise<LedgerEntry[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').slice(0, -1);
  return lines.map((line) => Value.Parse(Entry, JSON.parse(line)));
}
