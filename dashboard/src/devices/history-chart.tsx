import { useCallback, useMemo, useRef, useState } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { ChartTheme } from '../chart/chart-theme.ts';
import { UplotChart } from '../chart/uplot-chart.tsx';
import { formatAge, formatCount, formatDateTime, formatMetric, formatMs } from '../lib/format.ts';
import { metricName } from '../lib/metric-name.ts';
import { withParams } from '../lib/search-params.ts';
import type { HistoryBody } from '../live/shapes.ts';
import { Segments } from '../shell/fields.tsx';
import { Notice } from '../shell/notice.tsx';
import { heading } from './columns.ts';
import { historyOptions } from './history-options.ts';
import { type ChartColumns, gapSeconds, RANGES, rangeOf, withGaps } from './history-range.ts';
import { useHistory } from './use-history.ts';

const HEIGHT_PX = 210;
const NOTHING: ChartColumns = { times: [], min: [], avg: [], max: [], states: [] };

function columnsOf(history: HistoryBody | null, metric: string, interval_s: number): ChartColumns {
  const series = history?.series.find((one) => one.metric === metric);
  if (history === null || series === undefined) return NOTHING;
  const gap_s = gapSeconds(history.bucket_s, interval_s);
  return withGaps(history.timestamps, history.states, series, gap_s);
}

/** The row under the pointer in words, or what the chart rests on. */
function readout(
  columns: ChartColumns,
  row: number | null,
  metric: string,
  history: HistoryBody | null,
): string {
  const time = row === null ? undefined : columns.times[row];
  const avg = row === null ? null : columns.avg[row];
  if (row === null || time === undefined || avg === null || avg === undefined) {
    if (history === null) return ' ';
    const each = history.bucket_s === 0 ? 'every reading' : `one point per ${formatAge(history.bucket_s)}`;
    return `${formatCount(history.readings)} readings · ${each} · answered in ${formatMs(history.query_ms)}`;
  }
  const value = (n: number | null | undefined) => (n === null || n === undefined ? '–' : formatMetric(n));
  const at = formatDateTime(new Date(time * 1000).toISOString());
  const { unit } = metricName(metric);
  return `${at} · ${value(columns.min[row])} / ${value(avg)} / ${value(columns.max[row])} ${unit} · ${columns.states[row] ?? ''}`;
}

function Plot({
  history,
  metric,
  interval_s,
}: {
  history: HistoryBody | null;
  metric: string;
  interval_s: number;
}) {
  const columns = useMemo(() => columnsOf(history, metric, interval_s), [history, metric, interval_s]);
  const [row, setRow] = useState<number | null>(null);
  const shown = useRef({ columns, from_s: 0, to_s: 1 });
  shown.current = {
    columns,
    from_s: history === null ? 0 : Date.parse(history.from) / 1000,
    to_s: history === null ? 1 : Date.parse(history.to) / 1000,
  };
  const build = useCallback((theme: ChartTheme) => historyOptions(theme, () => shown.current, setRow), []);
  const data = useMemo<[number[], ...ChartColumns['avg'][]]>(
    () => [columns.times, columns.max, columns.min, columns.avg],
    [columns],
  );
  const empty = history !== null && columns.times.length === 0;
  return (
    <>
      <div className="chart-place">
        <UplotChart build={build} data={data} height_px={HEIGHT_PX} label={`History of ${heading(metric)}`} />
        {empty ? <p className="chart-empty">No reading in this time.</p> : null}
      </div>
      <p className="readout">{readout(columns, row, metric, history)}</p>
    </>
  );
}

/** History of one metric; the range and the metric stand in the address. */
export function HistoryChart(props: { deviceId: string; metrics: readonly string[]; interval_s: number }) {
  const { deviceId, metrics, interval_s } = props;
  const search = useSearch();
  const [path, navigate] = useLocation();
  const params = new URLSearchParams(search);
  const range = rangeOf(params.get('range'));
  const metric = metrics.find((name) => name === params.get('metric')) ?? metrics[0] ?? '';
  const { history, error } = useHistory(deviceId, range);
  const set = (changes: Record<string, string>) =>
    navigate(`${path}?${withParams(search, changes)}`, { replace: true });
  return (
    <section className="history" aria-label="History">
      <div className="history-head">
        <label className="field">
          <span className="visually-hidden">Metric</span>
          <select value={metric} onChange={(event) => set({ metric: event.target.value })}>
            {metrics.map((name) => (
              <option key={name} value={name}>
                {heading(name)}
              </option>
            ))}
          </select>
        </label>
        <Segments
          legend="Range"
          options={RANGES.map(({ id, label }) => ({ value: id, label }))}
          value={range.id}
          onPick={(id) => set({ range: id })}
        />
      </div>
      {error === null ? null : (
        <Notice tone="warn" title="History cannot be read">
          {error.message}
        </Notice>
      )}
      <Plot history={history} metric={metric} interval_s={interval_s} />
      <p className="legend">
        <span className="legend-line" aria-hidden="true" /> average
        <span className="legend-band" aria-hidden="true" /> min to max
        <span className="legend-states" aria-hidden="true" /> state by height · UTC
      </p>
    </section>
  );
}
