/** After a run: is everything that was acknowledged stored, and stored once? */
import type pg from 'pg';
import { Type } from 'typebox';
import { Value } from 'typebox/value';

export type Ledger = {
  readonly acknowledged: number;
  /** Acknowledged and not stored. */
  readonly lost: number;
  /** Rows beyond the first of any write. */
  readonly duplicated: number;
  /** Stored although no acknowledgement arrived. */
  readonly recovered: number;
};

export type StoredWrite = { readonly seq: number; readonly copies: number };

export function compare(acknowledged: ReadonlySet<number>, stored: readonly StoredWrite[]): Ledger {
  const found = stored.filter(({ seq }) => acknowledged.has(seq)).length;
  return {
    acknowledged: acknowledged.size,
    lost: acknowledged.size - found,
    duplicated: stored.reduce((sum, { copies }) => sum + copies - 1, 0),
    recovered: stored.length - found,
  };
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
