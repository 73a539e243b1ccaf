import type { LiveState, StateCounts } from '../../../src/api/schemas.ts';

/** Share of a site's devices that must hold a state before the site's mark shows it. */
export const CONDITION_SHARE = 0.005;

/**
 * The state a site's mark shows. Among thousands of devices a few are always in ALERT, so the worst single
 * device says nothing: the mark shows the worst state that at least 0.5 % of the site's devices hold.
 */
export function siteCondition(counts: StateCounts): LiveState {
  const many = (n: number) => n > 0 && n >= counts.total * CONDITION_SHARE;
  if (counts.total === 0 || counts.unknown === counts.total) return 'UNKNOWN';
  if (many(counts.ALERT)) return 'ALERT';
  if (many(counts.stale)) return 'STALE';
  if (many(counts.WARN)) return 'WARN';
  return many(counts.unknown) ? 'UNKNOWN' : 'OK';
}
