/** What a drill asks of the leader's database: the ledger of what it was told, and to keep its report. */
import type { Database } from '../../lib/bounded-leader.ts';
import type { DrillReport, LedgerCounts } from '../../lib/control-schemas.ts';
import type { LeaderPool } from '../../lib/leader-pool.ts';
import type { Acked } from './telemetry.ts';

/** Compares acknowledged writes with the rows of their writer. */
export async function writeLedger(
  db: Database,
  writer: string,
  acknowledged: ReadonlySet<number>,
): Promise<LedgerCounts> {
  const { rows } = await db.query<{ seq: string; copies: string }>(
    'SELECT seq, count(*) AS copies FROM write_probe WHERE writer = $1 GROUP BY seq',
    [writer],
  );
  return compareWrites(acknowledged, new Map(rows.map((row) => [Number(row.seq), Number(row.copies)])));
}

/** Pure; `stored` has the number of rows of each sequence number. */
export function compareWrites(
  acknowledged: ReadonlySet<number>,
  stored: ReadonlyMap<number, number>,
): LedgerCounts {
  let duplicated = 0;
  let recovered = 0;
  for (const [seq, copies] of stored) {
    duplicated += copies - 1;
    if (!acknowledged.has(seq)) recovered++;
  }
  const lost = [...acknowledged].filter((seq) => !stored.has(seq)).length;
  return { acknowledged: acknowledged.size, lost, duplicated, recovered };
}

/** Readings of the fleet's devices come from others too, so only what was acknowledged here is looked for. */
export async function telemetryLedger(
  pool: LeaderPool,
  acknowledged: readonly Acked[],
): Promise<LedgerCounts> {
  if (acknowledged.length === 0) return { acknowledged: 0, lost: 0, duplicated: 0, recovered: 0 };
  let [fromMs, toMs] = [Number.POSITIVE_INFINITY, 0];
  for (const { tsMs } of acknowledged) [fromMs, toMs] = [Math.min(fromMs, tsMs), Math.max(toMs, tsMs)];
  const { rows } = await pool.query<{ lost: string; duplicated: string }>(
    // One look at the index for each: as a join it is planned by statistics that a crash has made old, and that took
    // minutes among two million readings.
    `SELECT count(*) FILTER (WHERE copies = 0) AS lost,
            coalesce(sum(copies - 1) FILTER (WHERE copies > 1), 0) AS duplicated
     FROM unnest($1::int[], $2::float8[]) AS a (device_no, ms)
     CROSS JOIN LATERAL (
       SELECT count(*) AS copies FROM reading r
       WHERE r.device_no = a.device_no AND r.ts = 'epoch'::timestamptz + a.ms * interval '1 ms'
         AND r.ts BETWEEN $3 AND $4
     ) AS one`,
    [
      acknowledged.map(({ deviceNo }) => deviceNo),
      acknowledged.map(({ tsMs }) => tsMs),
      new Date(fromMs),
      new Date(toMs),
    ],
  );
  return {
    acknowledged: acknowledged.length,
    lost: Number(rows[0]?.lost ?? 0),
    duplicated: Number(rows[0]?.duplicated ?? 0),
    recovered: 0,
  };
}

/** Kept in both regions; written again after an unknown outcome, it is still one. */
export async function keepReport(pool: LeaderPool, report: DrillReport): Promise<void> {
  await pool.query(
    `INSERT INTO drill_report (id, started_at, finished_at, fault, target, verdict, summary, report)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`,
    [
      report.id,
      report.started_at,
      report.finished_at,
      report.fault,
      report.target,
      report.verdict,
      JSON.stringify(report.summary),
      JSON.stringify(report),
    ],
  );
}
