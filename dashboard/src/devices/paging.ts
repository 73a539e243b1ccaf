/** Which pages and which stream a window of the device list needs. Rows are 0-based, ends are exclusive. */

export const PAGE_ROWS = 200;
/** Pages kept in memory: 4,000 rows, about twenty screens around and behind the reader. */
export const CACHE_PAGES = 20;
/** The API's bound on rows of one stream. */
const STREAM_ROWS_LIMIT = 200;
/** Rows streamed above and below the visible ones, so that a short scroll needs no new stream. */
const STREAM_MARGIN_ROWS = 12;

export type RowRange = { readonly start: number; readonly end: number };

/** Page numbers that cover the range, and one more in the direction of travel once its last quarter is in sight. */
export function neededPages(range: RowRange, total: number, direction: 1 | -1): number[] {
  if (total <= 0 || range.end <= range.start) return [];
  const last = Math.floor((total - 1) / PAGE_ROWS);
  const from = Math.max(0, Math.floor(range.start / PAGE_ROWS));
  const to = Math.min(last, Math.floor((range.end - 1) / PAGE_ROWS));
  const pages: number[] = [];
  for (let page = from; page <= to; page++) pages.push(page);
  const quarter = PAGE_ROWS / 4;
  if (direction === 1 && to < last && (to + 1) * PAGE_ROWS - range.end < quarter) pages.push(to + 1);
  if (direction === -1 && from > 0 && range.start - from * PAGE_ROWS < quarter) pages.push(from - 1);
  return pages;
}

/**
 * The rows to stream for a visible range: with a margin, within the list, never more than the API allows.
 * An empty list is streamed too, because that is how the page hears of the first match.
 */
export function streamRange(visible: RowRange, total: number): RowRange {
  if (total === 0) return { start: 0, end: STREAM_MARGIN_ROWS };
  const start = Math.max(0, Math.min(visible.start, total - 1) - STREAM_MARGIN_ROWS);
  const end = Math.min(total, visible.end + STREAM_MARGIN_ROWS, start + STREAM_ROWS_LIMIT);
  return { start, end };
}

/** Whether a stream of `streamed` still shows every visible row, so that it need not be reopened. */
export function covers(streamed: RowRange, visible: RowRange, total: number): boolean {
  return streamed.start <= visible.start && streamed.end >= Math.min(visible.end, total);
}

/** Pages to forget, least recently used first, so that at most `limit` stay; pages in `keep` always stay. */
export function evictable(lruOrder: readonly number[], keep: readonly number[], limit: number): number[] {
  let excess = lruOrder.length - limit;
  const out: number[] = [];
  for (const page of lruOrder) {
    if (excess <= 0) break;
    if (keep.includes(page)) continue;
    out.push(page);
    excess -= 1;
  }
  return out;
}

/** The active row after a navigation key, or null for a key that does not move. `pageRows`: rows per screen. */
export function movedRow(key: string, row: number, total: number, pageRows: number): number | null {
  const clamp = (n: number) => Math.max(0, Math.min(total - 1, n));
  switch (key) {
    case 'ArrowDown':
      return clamp(row + 1);
    case 'ArrowUp':
      return clamp(row - 1);
    case 'PageDown':
      return clamp(row + pageRows);
    case 'PageUp':
      return clamp(row - pageRows);
    case 'Home':
      return 0;
    case 'End':
      return clamp(total - 1);
    default:
      return null;
  }
}
