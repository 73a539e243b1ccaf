/** After a fault: is everything that was acknowledged stored, once, and nothing else? */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { eventually } from '../../../src/lib/eventually.ts';
import type { DataRegion } from '../../../src/lib/topology.ts';
import type { Publisher } from './publisher.ts';
import type { System } from './system.ts';

type Ledger = {
  readonly acknowledged: number;
  /** Acknowledged, not stored. */
  readonly lost: number;
  /** Rows beyond the first of a reading. */
  readonly duplicated: number;
  /** Stored, never acknowledged. */
  readonly unexpected: number;
};

type Key = string;
const keyOf = (deviceNo: number, tsMs: number): Key => `${deviceNo} ${tsMs}`;

/** Compares what was acknowledged with how often each reading is stored. */
export function compareLedger(acknowledged: readonly Key[], stored: ReadonlyMap<Key, number>): Ledger {
  const known = new Set(acknowledged);
  let duplicated = 0;
  let unexpected = 0;
  for (const [key, rows] of stored) {
    duplicated += rows - 1;
    if (!known.has(key)) unexpected += 1;
  }
  const lost = [...known].filter((key) => !stored.has(key)).length;
  return { acknowledged: known.size, lost, duplicated, unexpected };
}

async function readLedger(system: System, load: Publisher, region?: DataRegion): Promise<Ledger> {
  const { first, count } = load.options.devices;
  const times = load.acknowledged.map(({ tsMs }) => tsMs);
  const fromMs = times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const toMs = times.reduce((a, b) => Math.max(a, b), 0);
  const rows = await system.sql<{ device_no: number; ts_ms: number; rows: number }>(
    `SELECT device_no, round(extract(epoch FROM ts) * 1000)::float8 AS ts_ms, count(*)::integer AS rows
     FROM reading WHERE device_no BETWEEN $1 AND $2 AND ts BETWEEN $3 AND $4 GROUP BY 1, 2`,
    [first, first + count - 1, new Date(fromMs), new Date(toMs)],
    region,
  );
  return compareLedger(
    load.acknowledged.map(({ deviceNo, tsMs }) => keyOf(deviceNo, tsMs)),
    new Map(rows.map((row) => [keyOf(row.device_no, row.ts_ms), row.rows])),
  );
}

/**
 * Prints the ledger of a stopped publisher and fails unless nothing is lost, doubled or out of nowhere.
 * `settleMs`: for a publisher at the site's broker, whose acknowledgement comes before the commit.
 */
export async function assertLedger(
  t: TestContext,
  system: System,
  load: Publisher,
  settleMs = 0,
): Promise<void> {
  let last: Ledger | undefined;
  const settled = eventually('everything is stored', settleMs, async () => {
    last = await readLedger(system, load);
    return last.lost === 0 ? last : undefined;
  }).catch((error: unknown) => {
    if (last === undefined) throw error;
    return last;
  });
  const ledger = await settled;
  t.diagnostic(
    `ledger: acknowledged ${ledger.acknowledged}, lost ${ledger.lost}, duplicated ${ledger.duplicated}, ` +
      `unexpected ${ledger.unexpected}; sent again ${load.resent}`,
  );
  assert.deepEqual(ledger, { acknowledged: load.acknowledged.length, lost: 0, duplicated: 0, unexpected: 0 });
}

/** Fails unless the standby has every acknowledged reading too, as `strict` promises. */
export async function assertInStandby(system: System, load: Publisher, region: DataRegion): Promise<void> {
  // What is flushed there is safe at once; what can be read is replayed a moment later.
  await eventually(`${region} shows every acknowledged reading`, 10_000, async () => {
    const { lost } = await readLedger(system, load, region);
    return lost === 0 ? true : undefined;
  });
}
