/** Rows into a table by COPY; values in its text format (PostgreSQL: "COPY", file formats). */
import { finished } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { sqlState } from './errors.ts';

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A value in the text format; null is NULL. */
export const copied = (text: string | null): string =>
  text === null ? '\\N' : text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character);

/** `copy`: COPY … FROM STDIN. Fails as a whole, and is a transaction of its own outside of one. */
export async function copyRows(client: ClientBase, copy: string, rows: string | Buffer): Promise<void> {
  const stream = client.query(copyFrom(copy));
  stream.end(rows);
  await finished(stream);
}

/** SQLSTATE unique_violation (PostgreSQL, appendix A). */
const UNIQUE_VIOLATION = '23505';

/** A row is stored already, or comes twice. */
export const isDuplicate = (error: unknown): boolean => sqlState(error) === UNIQUE_VIOLATION;
