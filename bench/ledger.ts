/** After a run: is everything that was acknowledged stored, and stored once? */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { monotonicMs, sleep } from '../src/lib/clock.ts';
import { type AckEntry, readAckLedger } from '../src/simulators/ack-ledger.ts';

const LINES_PER_CHUNK = 10_000;
const POLL_MS = 1_000;

const Row = Type.Object({
  acknowledged: Type.Integer(),
  stored: Type.Integer(),
  lost: Type.Integer(),
  duplicated: Type.Integer(),
  arrived: Type.Integer(),
});
export type LedgerResult = {
  readonly acknowledged: number;
  /** Acknowledged readings that stand in the table, each counted once. */
  readonly stored: number;
  readonly lost: number;
  /** Rows beyond the first of an acknowledged reading. */
  readonly duplicated: number;
  /** Of the stored ones, those that arrived at an ingest within the measured interval. */
  readonly arrivedWhileMeasured: number;
};

export type Interval = { readonly beginMs: number; readonly endMs: number };

/**
 * Compares ledger files with table `reading`. Where a broker acknowledges before it forwards, storing lags
 * behind: as long as something is missing the comparison is repeated, for `settleMs` at most.
 */
export async function compareLedger(
  connectionString: string,
  ledgerFiles: readonly string[],
  measured: Interval,
  settleMs: number,
): Promise<LedgerResult> {
  const client = new pg.Client({ connectionString, application_name: 'tier0-bench' });
  await client.connect();
  try {
    await client.query('CREATE TEMP TABLE bench_ack (device_no integer NOT NULL, ms bigint NOT NULL)');
    for (const file of ledgerFiles) {
      const target = client.query(copyFrom('COPY bench_ack FROM STDIN'));
      await pipeline(Readable.from(copyLines(await readAckLedger(file))), target);
    }
    await client.query('ANALYZE bench_ack');
    const giveUpMs = monotonicMs() + settleMs;
    for (;;) {
      const result = await compareOnce(client, measured);
      if (result.lost === 0 || monotonicMs() > giveUpMs) return result;
      await sleep(POLL_MS);
    }
  } finally {
    await client.end();
  }
}

async function compareOnce(client: pg.Client, { beginMs, endMs }: Interval): Promise<LedgerResult> {
  const bounds = await client.query<{ first: Date | null; last: Date | null }>(
    `SELECT 'epoch'::timestamptz + min(ms) * interval '1 ms' AS first,
            'epoch'::timestamptz + max(ms) * interval '1 ms' AS last
     FROM bench_ack`,
  );
  const { first = null, last = null } = bounds.rows[0] ?? {};
  const { rows } = await client.query(
    `SELECT count(*)::int AS acknowledged,
            (count(*) FILTER (WHERE copies > 0))::int AS stored,
            (count(*) FILTER (WHERE copies = 0))::int AS lost,
            coalesce(sum(copies - 1) FILTER (WHERE copies > 1), 0)::int AS duplicated,
            coalesce(sum(arrived), 0)::int AS arrived
     FROM (
       SELECT count(r.ts) AS copies,
              count(r.ts) FILTER (WHERE r.received_at >= $3 AND r.received_at < $4) AS arrived
       FROM bench_ack a
       LEFT JOIN reading r
         ON r.device_no = a.device_no
        AND r.ts = 'epoch'::timestamptz + a.ms * interval '1 ms'
        AND r.ts BETWEEN $1 AND $2
       GROUP BY a.device_no, a.ms
     ) AS one`,
    [first, last, new Date(beginMs), new Date(endMs)],
  );
  const { arrived, ...result } = Value.Parse(Row, rows[0]);
  return { ...result, arrivedWhileMeasured: arrived };
}

function* copyLines(entries: readonly AckEntry[]): Generator<string> {
  for (let at = 0; at < entries.length; at += LINES_PER_CHUNK) {
    yield entries
      .slice(at, at + LINES_PER_CHUNK)
      .map(({ deviceNo, timestampMs }) => `${deviceNo}\t${timestampMs}\n`)
      .join('');
  }
}
