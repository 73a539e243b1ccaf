/** Which time the Observability page shows, as its address says it: the last hours, or a span that was zoomed into. */
import { oneOf, readParams, withParams } from '../lib/search-params.ts';

/** `refresh_ms` is a point's width or more. */
export const RANGES = [
  { id: '15m', label: '15 min', minutes: 15, points: 90, refresh_ms: 10_000 },
  { id: '1h', label: '1 h', minutes: 60, points: 180, refresh_ms: 20_000 },
  { id: '6h', label: '6 h', minutes: 360, points: 180, refresh_ms: 60_000 },
  { id: '24h', label: '24 h', minutes: 1_440, points: 240, refresh_ms: 180_000 },
  { id: '7d', label: '7 d', minutes: 10_080, points: 336, refresh_ms: 600_000 },
] as const;
type Range = (typeof RANGES)[number];

/** Unix seconds. */
export type Span = { readonly from_s: number; readonly to_s: number };
export type ObserveQuery = { readonly range: Range['id']; readonly zoom: Span | null };

const USUAL: Range['id'] = '1h';
/** Prometheus is asked every ten seconds: less than six of its points say nothing. */
export const SPAN_MIN_S = 60;
const ZOOM_POINTS = 180;
/** The API's own bound. */
const SPAN_MAX_S = 21_600 * 60;

const unixSeconds = (value: string): number | null => (/^\d{9,10}$/.test(value) ? Number(value) : null);

/** The query in the address. What cannot be understood is left out of it and named in `ignored`. */
export function parseObserveQuery(search: string): { query: ObserveQuery; ignored: string[] } {
  const { pick, ignored } = readParams(search);
  const range = pick('range', oneOf(RANGES.map(({ id }) => id))) ?? USUAL;
  const from_s = pick('from', unixSeconds);
  const to_s = pick('to', unixSeconds);
  if (from_s === null || to_s === null) return { query: { range, zoom: null }, ignored };
  const length_s = to_s - from_s;
  if (length_s >= SPAN_MIN_S && length_s <= SPAN_MAX_S)
    return { query: { range, zoom: { from_s, to_s } }, ignored };
  return { query: { range, zoom: null }, ignored: [...ignored, `from=${from_s}&to=${to_s}`] };
}

/** The query for the address; what is as usual is not written. No leading `?`. */
export function formatObserveQuery({ range, zoom }: ObserveQuery): string {
  return withParams('', {
    range: range === USUAL ? null : range,
    from: zoom === null ? null : String(zoom.from_s),
    to: zoom === null ? null : String(zoom.to_s),
  });
}

export const rangeOf = ({ range }: ObserveQuery): Range => RANGES.find(({ id }) => id === range) ?? RANGES[1];

/** What the API is asked for, and how often; a span of the past is asked for once. */
export function seriesRequest(query: ObserveQuery): { path: string; refresh_ms: number | null } {
  const { minutes, points, refresh_ms } = rangeOf(query);
  const asked =
    query.zoom === null
      ? { minutes: String(minutes), points: String(points) }
      : {
          minutes: String(Math.ceil((query.zoom.to_s - query.zoom.from_s) / 60)),
          points: String(ZOOM_POINTS),
          end: String(query.zoom.to_s),
        };
  return {
    path: `/api/observability/series?${new URLSearchParams(asked)}`,
    refresh_ms: query.zoom === null ? refresh_ms : null,
  };
}

/** A span around its middle or `at_s`, `factor` times as long; null: it would be longer than what may be asked. */
export function scaled(span: Span, factor: number, at_s: number | null): Span | null {
  const middle = at_s ?? (span.from_s + span.to_s) / 2;
  const half = Math.max(SPAN_MIN_S / 2, ((span.to_s - span.from_s) * factor) / 2);
  if (half * 2 > SPAN_MAX_S) return null;
  return { from_s: Math.round(middle - half), to_s: Math.round(middle + half) };
}
