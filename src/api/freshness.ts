/** The rule for answering reads: only from a view of the cluster that is fresh, and only once there is one. */
import { UnavailableError } from '../lib/errors.ts';
import type { ApiContext } from './context.ts';
import { staleView } from './errors.ts';

/** failover.md, "Clients": an isolated region stops answering instead of answering stale. */
export const MAX_VIEW_AGE_MS = 1_000;

/** Throws a 503 when the region may be isolated. */
export function requireFreshView(context: ApiContext): void {
  if (context.viewAgeMs() >= MAX_VIEW_AGE_MS) throw staleView();
}

/** Throws UnavailableError while the live table is not filled. */
export function requireLiveTable(context: ApiContext): void {
  if (!context.ready()) throw new UnavailableError('the live table is being filled');
}
