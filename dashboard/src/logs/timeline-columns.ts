/** The API's timeline as the chart stacks it and as words tell it. */
import type { LogTimelineBody } from '../../../src/api/log-schemas.ts';
import { formatAge, formatCount, formatDateTime } from '../lib/format.ts';
import { type AnswerKind, KINDS, LOOKS } from './answer-kind.ts';

/**
 * Times, then the height of each kind's top edge, the highest first: uPlot draws in that order, so each lower bar
 * covers the foot of the one above and what is seen of a bar is its own kind.
 */
export function stacked(timeline: LogTimelineBody): [number[], ...number[][]] {
  const tops: number[][] = [];
  let below = timeline.timestamps.map(() => 0);
  for (const kind of KINDS) {
    below = below.map((height, i) => height + (timeline[kind][i] ?? 0));
    tops.unshift(below);
  }
  return [timeline.timestamps, ...tops];
}

/** Start of the first bucket and end of the last one, Unix seconds. */
export function timeBounds({ timestamps, bucket_s }: LogTimelineBody): [number, number] {
  const first = timestamps[0] ?? 0;
  return [first, (timestamps.at(-1) ?? 0) + bucket_s];
}

export function totals(timeline: LogTimelineBody): Record<AnswerKind, number> {
  const sum = (kind: AnswerKind) => timeline[kind].reduce((all, n) => all + n, 0);
  return {
    success: sum('success'),
    redirect: sum('redirect'),
    client_error: sum('client_error'),
    server_error: sum('server_error'),
  };
}

/** The bucket under the pointer in words, or what the chart rests on. */
export function readout(timeline: LogTimelineBody | null, row: number | null): string {
  if (timeline === null) return ' ';
  const time = row === null ? undefined : timeline.timestamps[row];
  if (row === null || time === undefined) {
    if (timeline.timestamps.length === 0) return ' ';
    return `One bar per ${formatAge(timeline.bucket_s)} · UTC · drag over the chart to narrow the time`;
  }
  const at = formatDateTime(new Date(time * 1000).toISOString());
  const counts = KINDS.map((kind) => `${formatCount(timeline[kind][row] ?? 0)} ${LOOKS[kind].code}`);
  return `${at} · ${counts.join(' · ')}`;
}

/** What was dragged over, in whole seconds, as a window of time; null when it is too narrow to mean anything. */
export function draggedWindow(left_s: number, right_s: number): { from: string; to: string } | null {
  if (!Number.isFinite(left_s) || !Number.isFinite(right_s) || right_s <= left_s || left_s < 0) return null;
  const iso = (time_s: number) => new Date(time_s * 1000).toISOString();
  return { from: iso(Math.floor(left_s)), to: iso(Math.ceil(right_s)) };
}
