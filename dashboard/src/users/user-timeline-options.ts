/** How uPlot draws the users over time: active users to the left axis, connections, far fewer or more, to the right. */
import type uPlot from 'uplot';
import { axis, type ChartTheme, timeAxis } from '../chart/chart-theme.ts';
import type { ChartOptions } from '../chart/uplot-chart.tsx';
import { formatRate } from '../lib/format.ts';
import { lonelyRows } from './user-timeline.ts';

/** Room above the highest point. */
const HEADROOM = 1.12;
const LEAST_TOP = 5;
const COUNTS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6];

const range: uPlot.Range.Function = (_plot, _min, max) => [0, Math.max(LEAST_TOP, (max ?? 0) * HEADROOM)];

function countAxis(theme: ChartTheme, extra: uPlot.Axis): uPlot.Axis {
  const values: uPlot.Axis.DynamicValues = (_plot, ticks) =>
    ticks.map((tick) => (tick < 10 ? String(tick) : formatRate(tick)));
  return axis(theme, { size: 46, space: 28, incrs: COUNTS, values, ...extra });
}

const lonelyPoints: uPlot.Series.Points = {
  show: true,
  size: 4,
  filter: (plot, series) => lonelyRows(Array.from(plot.data[series] ?? [])),
};

/** `bounds` (Unix seconds) is asked at each draw, so that new data needs no new chart. */
export function userTimelineOptions(
  theme: ChartTheme,
  bounds: () => [number, number],
  onCursor: (row: number | null) => void,
): ChartOptions {
  return {
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { setScale: false, x: false, y: false } },
    padding: [8, 0, 0, 0],
    scales: { x: { range: () => bounds() }, users: { range }, connections: { range } },
    axes: [
      timeAxis(theme),
      countAxis(theme, { scale: 'users' }),
      countAxis(theme, { scale: 'connections', side: 1, grid: { show: false } }),
    ],
    series: [
      {},
      {
        scale: 'users',
        stroke: theme.accent,
        fill: theme['accent-band'],
        width: 1.5,
        points: { ...lonelyPoints, fill: theme.accent },
      },
      {
        scale: 'connections',
        stroke: theme['text-muted'],
        width: 1.5,
        dash: [5, 4],
        points: { ...lonelyPoints, fill: theme['text-muted'] },
      },
    ],
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] },
  };
}
