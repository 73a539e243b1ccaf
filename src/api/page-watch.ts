/** What has changed on a page of devices since it was last sent. Pure. */
import type { LiveTable } from './live-table.ts';

export type PageState = {
  readonly total: number;
  readonly rows: readonly number[];
  /** Of each row: its version and its state's code; a state turns to STALE without a new version. */
  readonly marks: readonly string[];
};

export type PageChange =
  | { readonly kind: 'same' }
  /** Other devices are on the page now: it must be sent whole. */
  | { readonly kind: 'page' }
  | { readonly kind: 'rows'; readonly rows: readonly number[] };

export function pageState(
  table: LiveTable,
  page: { readonly total: number; readonly rows: readonly number[] },
  nowMs: number,
): PageState {
  const marks = page.rows.map((row) => `${table.columns.version[row]}/${table.stateAt(row, nowMs)}`);
  return { total: page.total, rows: page.rows, marks };
}

export function comparePages(before: PageState, now: PageState): PageChange {
  const sameRows =
    before.rows.length === now.rows.length && before.rows.every((row, i) => row === now.rows[i]);
  if (!sameRows) return { kind: 'page' };
  const rows = now.rows.filter((_, i) => before.marks[i] !== now.marks[i]);
  return rows.length > 0 || before.total !== now.total ? { kind: 'rows', rows } : { kind: 'same' };
}
