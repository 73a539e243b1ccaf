/** After a run: is everything that was acknowledged stored, and stored once? */
import type pg from 'pg';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { compareWrites } from '../../src/control/drill/store.ts';
import type { LedgerCounts } from '../../src/lib/control-schemas.ts';

export type StoredWrite = { readonly seq: number; readonly copies: number };

/** As a drill of Tier-0 compares its own. */
export function compare(acknowledged: ReadonlySet<number>, stored: readonly StoredWrite[]): LedgerCounts {
  return compareWrites(acknowledged, new Map(stored.map(({ seq, copies }) => [seq, copies])));
}

const Rows = Type.Array(Type.Object({ seq: Type.Integer(), copies: Type.Integer() }));

/** There is no unique key: a write that the database doubled would show as two rows. */
export async function createTable(client: pg.Client): Promise<void> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS bench_write (
       run integer NOT NULL, seq integer NOT NULL, body text NOT NULL,
       at timestamptz NOT NULL DEFAULT clock_timestamp())`,
  );
}

export async function storedWrites(client: pg.Client, run: number): Promise<StoredWrite[]> {
  const { rows } = await client.query(
    'SELECT seq, count(*)::integer AS copies FROM bench_write WHERE run = $1 GROUP BY seq',
    [run],
  );
  return Value.Parse(Rows, rows);
}
