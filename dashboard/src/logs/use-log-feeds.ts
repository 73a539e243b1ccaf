/** Everything the Logs page asks the API for. */
import { useAnswer } from '../live/use-answer.ts';
import { apiQuery, type LogQuery, PAGE_ROWS } from './log-query.ts';
import { isLogs, isLogTimeline, isStatuses, isTopAddresses, isTopPaths } from './log-shapes.ts';

const TAIL_MS = 2000;
/** Aggregates read much more than a page of entries does. */
const AGGREGATES_MS = 10_000;
const TOP_ROWS = 10;
/** As many bars as can be told from one another. */
const BARS = 120;

/** The page's entries; `live`: again every two seconds. */
export function useEntries(query: LogQuery, live: boolean) {
  const page = { limit: PAGE_ROWS, offset: (query.page - 1) * PAGE_ROWS };
  return useAnswer((now_ms) => `/api/logs?${apiQuery(query, now_ms, page)}`, isLogs, live ? TAIL_MS : null);
}

/** What the entries of the filter come to, on all pages; `follows`: kept current. */
export function useAggregates(query: LogQuery, follows: boolean) {
  const period_ms = follows ? AGGREGATES_MS : null;
  const top = { limit: TOP_ROWS };
  return {
    timeline: useAnswer(
      (now_ms) => `/api/logs/timeline?${apiQuery(query, now_ms, { points: BARS })}`,
      isLogTimeline,
      period_ms,
    ),
    addresses: useAnswer(
      (now_ms) => `/api/logs/addresses?${apiQuery(query, now_ms, top)}`,
      isTopAddresses,
      period_ms,
    ),
    statuses: useAnswer((now_ms) => `/api/logs/statuses?${apiQuery(query, now_ms)}`, isStatuses, period_ms),
    paths: useAnswer(
      (now_ms) => `/api/logs/paths?${apiQuery(query, now_ms, { ...top, order: query.order })}`,
      isTopPaths,
      period_ms,
    ),
  };
}

/** The newest entry of all, asked for only when the filter finds none: is there a log at all? */
export function useNewestEntry(wanted: boolean, live: boolean) {
  return useAnswer(wanted ? () => '/api/logs?limit=1' : null, isLogs, live ? TAIL_MS : null);
}
