/** Counts of states for the fleet, the sites and their types, from one pass over the table. Pure. */
import { LIVE_STATES, type LiveTable, STALE, UNKNOWN } from './live-table.ts';
import type { SiteRow, StateCounts } from './schemas.ts';

const STATES = LIVE_STATES.length;

function toCounts(cells: ArrayLike<number>): StateCounts {
  const at = (state: number): number => cells[state] ?? 0;
  const reporting = at(0) + at(1) + at(2);
  return {
    total: reporting + at(STALE) + at(UNKNOWN),
    reporting,
    stale: at(STALE),
    unknown: at(UNKNOWN),
    OK: at(0),
    WARN: at(1),
    ALERT: at(2),
  };
}

export type LiveCounts = { readonly fleet: StateCounts; readonly sites: SiteRow[] };

/** Counts at `nowMs` (Unix ms). */
export function countStates(table: LiveTable, nowMs: number): LiveCounts {
  const types = table.types.length;
  const cells = new Uint32Array(table.sites.length * types * STATES);
  const { site, type } = table.columns;
  for (let row = 0; row < table.size; row++) {
    const cell = ((site[row] ?? 0) * types + (type[row] ?? 0)) * STATES + table.stateAt(row, nowMs);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  const fleet = new Uint32Array(STATES);
  const sites = table.sites.map((info, siteIndex): SiteRow => {
    const ofSite = new Uint32Array(STATES);
    const byType: Record<string, StateCounts> = {};
    table.types.forEach(({ type: name }, typeIndex) => {
      const from = (siteIndex * types + typeIndex) * STATES;
      const ofType = cells.subarray(from, from + STATES);
      for (let state = 0; state < STATES; state++)
        ofSite[state] = (ofSite[state] ?? 0) + (ofType[state] ?? 0);
      byType[name] = toCounts(ofType);
    });
    for (let state = 0; state < STATES; state++) fleet[state] = (fleet[state] ?? 0) + (ofSite[state] ?? 0);
    return { ...info, ...toCounts(ofSite), by_type: byType };
  });
  return { fleet: toCounts(fleet), sites: sites.sort((a, b) => (a.site_id < b.site_id ? -1 : 1)) };
}

const CACHE_MS = 1_000;

/** The counts, recounted at most once a second however many ask. */
export class CountsCache {
  readonly #table: LiveTable;
  #counts: LiveCounts | null = null;
  #countedMs = Number.NEGATIVE_INFINITY;

  constructor(table: LiveTable) {
    this.#table = table;
  }

  /** `monotonic` and `wall` are the two clocks' milliseconds at the call. */
  at(monotonic: number, wall: number): LiveCounts {
    if (this.#counts === null || monotonic - this.#countedMs >= CACHE_MS) {
      this.#counts = countStates(this.#table, wall);
      this.#countedMs = monotonic;
    }
    return this.#counts;
  }
}
