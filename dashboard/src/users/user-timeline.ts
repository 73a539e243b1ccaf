/** The API's users over time as the chart draws them and as words tell it. */
import type { UsersTimelineBody } from '../../../src/api/user-schemas.ts';
import { formatAge, formatCount, formatDateTime, formatMs } from '../lib/format.ts';

type Column = (number | null)[];
export type UserColumns = {
  /** Middle of each bucket, Unix seconds. */
  readonly times: number[];
  readonly users: Column;
  readonly connections: Column;
  readonly latency_ms: Column;
  readonly step_s: number;
};

export const NO_COLUMNS: UserColumns = { times: [], users: [], connections: [], latency_ms: [], step_s: 1 };

/**
 * Columns without the last bucket: it is still filling, and a sum over the sites that have reported so far would be a
 * dip each time. When nothing was reported before, it is all there is and stays.
 */
export function columnsOf(timeline: UsersTimelineBody): UserColumns {
  const { active_users, active_connections, average_latency_ms, step_s } = timeline;
  const settled = active_users.slice(0, -1);
  const count = settled.some((value) => value !== null) ? settled.length : active_users.length;
  const from_s = Date.parse(timeline.from) / 1000;
  const column = (values: readonly (number | null)[]): Column =>
    Array.from({ length: count }, (_, i) => values[i] ?? null);
  return {
    times: Array.from({ length: count }, (_, i) => from_s + (i + 0.5) * step_s),
    users: column(active_users),
    connections: column(active_connections),
    latency_ms: column(average_latency_ms),
    step_s,
  };
}

/** Start of the first bucket and end of the last one, Unix seconds. */
export function timeBounds({ times, step_s }: UserColumns): [number, number] {
  const [first, last] = [times[0], times.at(-1)];
  return first === undefined || last === undefined ? [0, 1] : [first - step_s / 2, last + step_s / 2];
}

/** Rows between two gaps, which a line alone would not show. */
export function lonelyRows(values: readonly (number | null | undefined)[]): number[] {
  const absent = (i: number) => values[i] === null || values[i] === undefined;
  return values.flatMap((_, i) => (!absent(i) && absent(i - 1) && absent(i + 1) ? [i] : []));
}

export const isSilent = ({ users }: UserColumns): boolean => users.every((value) => value === null);

/** The bucket under the pointer in words, or what the chart rests on. */
export function readout(columns: UserColumns, row: number | null): string {
  const time = row === null ? undefined : columns.times[row];
  if (row === null || time === undefined) {
    if (columns.times.length === 0) return ' ';
    return `One point per ${formatAge(columns.step_s)} · all sites · UTC`;
  }
  const at = formatDateTime(new Date((time - columns.step_s / 2) * 1000).toISOString());
  const [users, connections, latency] = [columns.users, columns.connections, columns.latency_ms].map(
    (values) => values[row] ?? null,
  );
  if (users === null || users === undefined) return `${at} · no report`;
  const count = (value: number | null | undefined) =>
    value === null || value === undefined ? '–' : formatCount(value);
  const wait = latency === null || latency === undefined ? '–' : formatMs(latency);
  return `${at} · ${count(users)} active · ${count(connections)} connections · ${wait}`;
}
