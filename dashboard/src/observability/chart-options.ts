/** How uPlot draws a panel: as many lines as there are series, from zero, and a span that is dragged is zoomed into. */
import type uPlot from 'uplot';
import type { PanelUnit } from '../../../src/api/observability-schemas.ts';
import { axis, type ChartTheme, seriesColor, timeAxis } from '../chart/chart-theme.ts';
import type { ChartOptions } from '../chart/uplot-chart.tsx';
import { formatFigure } from './figures.ts';
import { SPAN_MIN_S, type Span } from './observe-query.ts';
import { seriesStyles } from './series-style.ts';

const HEADROOM = 1.15;
/** A shorter drag is a click. */
const DRAG_MIN_PX = 6;
/** Steps of an axis in bytes: KiB and MiB are round only in these. */
const POWERS_OF_TWO = Array.from({ length: 45 }, (_, exponent) => 2 ** exponent);
/** Charts that show their cursors together. */
const SYNC_KEY = 'observability';

/** Shares stand near 100 %, where a scale from zero would show nothing; all else begins at zero. */
export function valueRange(unit: PanelUnit, min: number | null, max: number | null): [number, number] {
  if (unit === 'percent') return [Math.min(99, Math.floor(min ?? 99)), 100.05];
  const top = max ?? 0;
  const least = unit === 'seconds' ? 0.01 : unit === 'bytes' ? 1_024 : 1;
  return [0, Math.max(top * HEADROOM, least)];
}

export type PanelPlot = {
  readonly unit: PanelUnit;
  readonly names: readonly string[];
  /** Asked at each draw, so that new data needs no new chart. */
  readonly bounds: () => Span;
  readonly onCursor: (row: number | null) => void;
  readonly onZoom: (span: Span) => void;
};

function zoom(plot: uPlot, onZoom: (span: Span) => void): void {
  const { left, width } = plot.select;
  if (width < DRAG_MIN_PX) return;
  const from_s = Math.round(plot.posToVal(left, 'x'));
  const to_s = Math.round(plot.posToVal(left + width, 'x'));
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  const middle = (from_s + to_s) / 2;
  const half = Math.max(SPAN_MIN_S, to_s - from_s) / 2;
  onZoom({ from_s: Math.round(middle - half), to_s: Math.round(middle + half) });
}

export function panelOptions(theme: ChartTheme, panel: PanelPlot): ChartOptions {
  const { unit, names, bounds, onCursor, onZoom } = panel;
  const styles = seriesStyles(names);
  return {
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 5 },
      drag: { setScale: false, x: true, y: false },
      // A drag is the chart's own: each of the others would zoom as well.
      sync: { key: SYNC_KEY, filters: { pub: (type) => type === 'mousemove' || type === 'mouseleave' } },
    },
    padding: [8, 4, 0, 0],
    scales: {
      x: { range: () => [bounds().from_s, bounds().to_s] },
      y: { range: (_plot, min, max) => valueRange(unit, min, max) },
    },
    axes: [
      timeAxis(theme),
      axis(theme, {
        size: 58,
        space: 26,
        ...(unit === 'bytes' ? { incrs: POWERS_OF_TWO } : {}),
        values: (_plot, ticks) => ticks.map((tick) => formatFigure(tick, unit)),
      }),
    ],
    series: [
      {},
      ...styles.map(
        ({ color, dash }): uPlot.Series => ({
          stroke: seriesColor(theme, color),
          width: 1.5,
          dash: [...dash],
          points: { show: false },
          spanGaps: false,
        }),
      ),
    ],
    hooks: {
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
      setSelect: [(plot) => zoom(plot, onZoom)],
    },
  };
}
