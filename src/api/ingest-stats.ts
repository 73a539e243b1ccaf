/** The counters that each region's ingest publishes every second in the Redis hash `ingest:stats`. */
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { DataRegion } from '../lib/topology.ts';
import type { Accounting } from './schemas.ts';

export const INGEST_STATS_KEY = 'ingest:stats';
/** An ingest that has not published for this long is down. */
const INGEST_SILENT_MS = 5_000;

const Count = Type.Integer({ minimum: 0 });
const IngestStatsSchema = Type.Object({
  region: Type.String(),
  at_ms: Type.Number(),
  connections: Count,
  readings_per_s: Type.Number({ minimum: 0 }),
  received: Count,
  committed: Count,
  duplicates: Count,
  rejected: Count,
  in_flight: Count,
});
export type IngestStats = Static<typeof IngestStatsSchema>;

/** Throws on a document of another form. */
export function parseIngestStats(text: string): IngestStats {
  return Value.Parse(IngestStatsSchema, JSON.parse(text));
}

export function isIngestUp(stats: IngestStats, nowMs: number): boolean {
  return nowMs - stats.at_ms <= INGEST_SILENT_MS;
}

export function accountingOf(stats: IngestStats): Accounting {
  const { received, committed, duplicates, rejected, in_flight } = stats;
  return { received, committed, duplicates, rejected, in_flight };
}

export function addAccounting(a: Accounting, b: Accounting): Accounting {
  return {
    received: a.received + b.received,
    committed: a.committed + b.committed,
    duplicates: a.duplicates + b.duplicates,
    rejected: a.rejected + b.rejected,
    in_flight: a.in_flight + b.in_flight,
  };
}

/**
 * Since when (Unix ms) readings could arrive without a break: a device may connect to either region, so the
 * longest-listening live ingest counts. null while no live ingest says so: what was known before stays.
 */
export function observingSince(
  sinceByRegion: ReadonlyMap<DataRegion, number>,
  stats: ReadonlyMap<DataRegion, IngestStats>,
  nowMs: number,
): number | null {
  let earliest: number | null = null;
  for (const [region, sinceMs] of sinceByRegion) {
    const ofRegion = stats.get(region);
    if (ofRegion === undefined || !isIngestUp(ofRegion, nowMs)) continue;
    if (earliest === null || sinceMs < earliest) earliest = sinceMs;
  }
  return earliest;
}
