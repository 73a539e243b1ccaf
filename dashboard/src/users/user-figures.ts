/** What the page says of an answer about the users. */
import type { UsersBody } from '../../../src/api/user-schemas.ts';

type SiteReport = UsersBody['sites'][number];
export type RegionCounts = UsersBody['regions'][number];

/** `reports`: sites report but nobody is on; `silent`: neither; `unreported`: people are on, as far as logins tell. */
export type Presence = 'on' | 'reports' | 'silent' | 'unreported';

export function presenceOf({ total_sessions, sites }: UsersBody): Presence {
  if (sites.length === 0) return total_sessions === 0 ? 'silent' : 'unreported';
  return total_sessions === 0 ? 'reports' : 'on';
}

/** Of the sites' newest reports, each counts once; null without a report. */
export function meanLatencyMs(sites: readonly SiteReport[]): number | null {
  if (sites.length === 0) return null;
  return sites.reduce((sum, site) => sum + site.average_latency_ms, 0) / sites.length;
}

/** The known regions in their order, also those where nobody is, then any other that the answer names. */
export function regionRows(
  known: readonly string[],
  counted: readonly RegionCounts[],
): readonly RegionCounts[] {
  const others = counted.map(({ region }) => region).filter((name) => !known.includes(name));
  return [...known, ...others].map(
    (name) => counted.find(({ region }) => region === name) ?? { region: name, active: 0, idle: 0 },
  );
}

/** Parts of the longest bar, from 0 to 1, so that bars of different regions compare. */
export function barShares(rows: readonly RegionCounts[]): { active: number; idle: number }[] {
  const longest = Math.max(1, ...rows.map(({ active, idle }) => active + idle));
  return rows.map(({ active, idle }) => ({ active: active / longest, idle: idle / longest }));
}

type SiteRow = { readonly site_id: string; readonly report: SiteReport | null };

/** The known sites in their order, null where the API has no report that is young enough, then any other. */
export function siteRows(known: readonly string[], reports: readonly SiteReport[]): SiteRow[] {
  const others = reports.map(({ site_id }) => site_id).filter((id) => !known.includes(id));
  return [...known, ...others].map((site_id) => ({
    site_id,
    report: reports.find((report) => report.site_id === site_id) ?? null,
  }));
}

/**
 * What to add to the server's time (Unix ms) for the page's monotonic clock. An answer may be older than its arrival,
 * never younger, so the smallest difference seen is the nearest; `known` starts at infinity.
 */
export function clockOffsetMs(known: number, at: string, arrivedAt_ms: number): number {
  const offset = arrivedAt_ms - Date.parse(at);
  return Number.isNaN(offset) ? known : Math.min(known, offset);
}
