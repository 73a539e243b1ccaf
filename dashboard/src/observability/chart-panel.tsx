import { useCallback, useMemo, useRef, useState } from 'react';
import type uPlot from 'uplot';
import type { PanelInfo, SeriesBody } from '../../../src/api/observability-schemas.ts';
import type { ChartTheme } from '../chart/chart-theme.ts';
import { UplotChart } from '../chart/uplot-chart.tsx';
import { formatTime } from '../lib/format.ts';
import { panelOptions } from './chart-options.ts';
import { formatFigure, unitWord } from './figures.ts';
import { type Span, scaled } from './observe-query.ts';
import { seriesStyles } from './series-style.ts';

const HEIGHT_PX = 150;
/** More names than this would be longer than the chart. */
const LISTED = 6;
const ZOOM_STEP = 0.5;

export type PanelData = SeriesBody['panels'][number]['series'];

function Swatch({ color, dash }: { color: number; dash: readonly number[] }) {
  return (
    <svg className="swatch" width="18" height="6" aria-hidden="true">
      <line
        x1="0"
        y1="3"
        x2="18"
        y2="3"
        stroke={`var(--series-${color + 1})`}
        strokeWidth="2"
        strokeDasharray={dash.join(' ') || undefined}
      />
    </svg>
  );
}

/** The last value of a series, or the one in `row`. */
function valueAt(values: readonly (number | null)[], row: number | null): number | null | undefined {
  return row === null ? values.findLast((value) => value !== null) : values[row];
}

function Legend(props: { info: PanelInfo; series: PanelData; row: number | null }) {
  const { info, series, row } = props;
  const [all, setAll] = useState(false);
  const styles = useMemo(() => seriesStyles(series.map(({ name }) => name)), [series]);
  const entries = series.map((one, index) => ({
    name: one.name,
    style: styles[index] ?? { color: 0, dash: [] },
    value: valueAt(one.values, row),
    last: one.values.findLast((value) => value !== null) ?? 0,
  }));
  // The largest of now are what a look is after; under the pointer the list keeps its order.
  const listed = all ? entries : [...entries].sort((a, b) => b.last - a.last).slice(0, LISTED);
  return (
    <ul className="series-list">
      {listed.map(({ name, style, value }) => (
        <li key={name}>
          <Swatch {...style} />
          <span className="series-name">{name}</span>
          <span className="series-value">{formatFigure(value, info.unit)}</span>
        </li>
      ))}
      {entries.length > LISTED ? (
        <li>
          <button type="button" className="badge badge-button" onClick={() => setAll(!all)}>
            {all ? 'fewer' : `and ${entries.length - LISTED} more`}
          </button>
        </li>
      ) : null}
    </ul>
  );
}

/** Arrow keys move the cursor, + and - zoom, Escape shows all again. */
function onKey(event: KeyboardEvent, plot: uPlot, span: Span, onZoom: (span: Span | null) => void): void {
  const row = plot.cursor.idx ?? plot.data[0].length - 1;
  const at_s = plot.data[0][row] ?? null;
  const moves: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10 };
  const step = moves[event.key];
  if (step !== undefined) {
    const next = Math.max(0, Math.min(plot.data[0].length - 1, row + step));
    const left = plot.valToPos(plot.data[0][next] ?? 0, 'x');
    plot.setCursor({ left, top: plot.bbox.height / 2 / devicePixelRatio });
  } else if (event.key === '+' || event.key === '=') onZoom(scaled(span, ZOOM_STEP, at_s));
  else if (event.key === '-') onZoom(scaled(span, 1 / ZOOM_STEP, at_s));
  else if (event.key === 'Escape') onZoom(null);
  else return;
  event.preventDefault();
}

/** One panel: what it is, its chart, its series with their values, and its PromQL. */
export function ChartPanel(props: {
  info: PanelInfo;
  series: PanelData | null;
  times: readonly number[];
  span: Span;
  promqlUrl: string;
  onZoom: (span: Span | null) => void;
}) {
  const { info, series, times, span, promqlUrl, onZoom } = props;
  const [row, setRow] = useState<number | null>(null);
  const looked = useRef(false);
  const latest = useRef({ span, onZoom });
  latest.current = { span, onZoom };
  const names = (series ?? []).map(({ name }) => name).join('\n');
  const build = useCallback(
    (theme: ChartTheme) =>
      panelOptions(theme, {
        unit: info.unit,
        names: names === '' ? [] : names.split('\n'),
        bounds: () => latest.current.span,
        onCursor: (at) => setRow(looked.current ? at : null),
        onZoom: (to) => latest.current.onZoom(to),
      }),
    [info.unit, names],
  );
  const data = useMemo<uPlot.AlignedData>(
    () => [[...times], ...(series ?? []).map(({ values }) => values)],
    [times, series],
  );
  const look = (on: boolean) => () => {
    looked.current = on;
    if (!on) setRow(null);
  };
  const time = row === null ? undefined : times[row];
  const empty = series?.every(({ values }) => values.every((value) => value === null));
  return (
    <section
      className="panel chart-panel"
      aria-label={info.title}
      onPointerEnter={look(true)}
      onPointerLeave={look(false)}
      onFocus={look(true)}
      onBlur={look(false)}
    >
      <header className="panel-head">
        <h3>{info.title}</h3>
        <a className="panel-link" href={promqlUrl} target="_blank" rel="noreferrer" title={info.promql}>
          PromQL<span className="visually-hidden"> of {info.title}, in Prometheus</span>
        </a>
      </header>
      <p className="chart-explains">{info.explains}</p>
      <div className="chart-place">
        <UplotChart
          build={build}
          data={data}
          height_px={HEIGHT_PX}
          label={`${info.title}, ${unitWord(info.unit)} over time. Arrow keys move, plus and minus zoom, Escape shows all.`}
          onKey={(event, plot) => {
            // A window that is not in front gets keys and no focus event.
            looked.current = true;
            onKey(event, plot, latest.current.span, latest.current.onZoom);
          }}
          onReset={() => latest.current.onZoom(null)}
        />
        {empty ? <p className="chart-empty">Nothing was measured in this time.</p> : null}
      </div>
      <p className="readout" aria-live={looked.current ? 'polite' : 'off'}>
        {time === undefined ? 'now' : `at ${formatTime(new Date(time * 1_000).toISOString())}`}
      </p>
      <Legend info={info} series={series ?? []} row={row} />
    </section>
  );
}
