/** How uPlot draws a device's history: band between min and max, average line, and the states along the bottom. */
import type uPlot from 'uplot';
import { axis, type ChartTheme, timeAxis } from '../chart/chart-theme.ts';
import type { ChartOptions } from '../chart/uplot-chart.tsx';
import { formatMetric } from '../lib/format.ts';
import type { ChartColumns } from './history-range.ts';

/** Height says the state as well as the colour does. */
const STRIP_PX: Readonly<Record<string, number>> = { OK: 2, WARN: 6, ALERT: 11 };

function drawStates(plot: uPlot, columns: ChartColumns, theme: ChartTheme): void {
  const { ctx, bbox } = plot;
  const bottom = bbox.top + bbox.height;
  const colors: Readonly<Record<string, string>> = {
    OK: theme['state-ok'],
    WARN: theme['state-warn'],
    ALERT: theme['state-alert'],
  };
  const ratio = devicePixelRatio;
  ctx.save();
  columns.states.forEach((state, i) => {
    const time = columns.times[i];
    const next = columns.times[i + 1];
    const color = state === null ? undefined : colors[state];
    if (state === null || time === undefined || color === undefined) return;
    const left = plot.valToPos(time, 'x', true);
    const right = next === undefined ? left + 2 * ratio : plot.valToPos(next, 'x', true);
    const height = (STRIP_PX[state] ?? 0) * ratio;
    ctx.fillStyle = color;
    ctx.fillRect(left, bottom - height, Math.max(ratio, right - left), height);
  });
  ctx.restore();
}

/** Room below the curve for the states, and a span for a flat line. */
function valueRange(_plot: uPlot, min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1];
  const span = max - min || Math.abs(max) * 0.1 || 1;
  return [min - span * 0.22, max + span * 0.08];
}

/** `read` is asked at each draw, so that new data needs no new chart. `onCursor` gets a row number or null. */
export function historyOptions(
  theme: ChartTheme,
  read: () => { columns: ChartColumns; from_s: number; to_s: number },
  onCursor: (row: number | null) => void,
): ChartOptions {
  return {
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { setScale: false, x: false, y: false } },
    padding: [8, 6, 0, 0],
    scales: { x: { range: () => [read().from_s, read().to_s] }, y: { range: valueRange } },
    axes: [
      timeAxis(theme),
      axis(theme, { size: 52, space: 28, values: (_plot, ticks) => ticks.map(formatMetric) }),
    ],
    series: [
      {},
      { width: 0, points: { show: false } },
      { width: 0, points: { show: false } },
      { stroke: theme.accent, width: 1.5, points: { show: false }, spanGaps: false },
    ],
    bands: [{ series: [1, 2], fill: theme['accent-band'] }],
    hooks: {
      draw: [(plot) => drawStates(plot, read().columns, theme)],
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
    },
  };
}
