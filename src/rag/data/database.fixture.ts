/** What the tests of data answers share: a database as the reader sees it, and a check of every number. */
import assert from 'node:assert/strict';
import pg from 'pg';
import { startTestDatabase } from '../../lib/test-database.ts';
import type { DataTable } from '../schemas.ts';
import type { PartialAnswer } from '../types.ts';
import type { DataDeps } from './answer.ts';
import type { ReadDatabase } from './intent.ts';

export type ReaderFixture = {
  readonly admin: pg.Client;
  /** As role tier0_rag_reader. */
  readonly reader: pg.Client;
  readonly db: ReadDatabase;
  readonly stop: () => Promise<void>;
};

export async function startReader(): Promise<ReaderFixture> {
  const database = await startTestDatabase();
  const admin = await database.connect();
  const reader = new pg.Client({
    ...{ host: '127.0.0.1', port: database.port, user: 'tier0_rag_reader', database: 'tier0' },
  });
  await reader.connect();
  return {
    admin,
    reader,
    db: { query: async (text, values) => ({ rows: (await reader.query(text, [...values])).rows }) },
    stop: async () => {
      await reader.end();
      await admin.end();
      await database.stop();
    },
  };
}

/** Of questions that are answered from the database alone. */
export const databaseDeps = ({ db }: ReaderFixture, nowMs: number): DataDeps => ({
  db,
  fetchJson: () => Promise.reject(new Error('the database alone is asked')),
  nowMs: () => nowMs,
  nearPhotos: async () => [],
  timeoutMs: 5_000,
});

const numbersOf = (text: string): string[] =>
  text.match(/\d[\d,]*(?:\.\d+)?/g)?.map((found) => found.replace(/,+$|,(?=\d)/g, '')) ?? [];

/** What a table shows: its cells, a share as percent, and the words about them. */
function shownIn({ columns, rows, explanation, title }: DataTable): string[] {
  const cells = rows.flatMap((row) =>
    columns.map(({ key, kind }) => {
      const cell = row[key];
      assert.notEqual(cell, undefined, `no ${key} in ${JSON.stringify(row)}`);
      return kind === 'percent' ? String(Math.round(Number(cell) * 1_000) / 10) : String(cell);
    }),
  );
  return [explanation, title, ...columns.map(({ label }) => label), ...cells];
}

/** Every number of the answer's text stands in its tables. */
export function assertNumbersStand({ answer, data }: PartialAnswer): void {
  const known = new Set(data.flatMap(shownIn).flatMap(numbersOf));
  const missing = numbersOf(answer).filter((found) => !known.has(found));
  assert.deepEqual(missing, [], `${answer}\nis not all in\n${JSON.stringify(data)}`);
}
