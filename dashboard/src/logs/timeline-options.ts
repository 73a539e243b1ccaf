/** How uPlot draws requests over time: one bar a bucket, the kinds of answers on one another. */
import uPlot from 'uplot';
import { axis, type ChartTheme, timeAxis } from '../chart/chart-theme.ts';
import type { ChartOptions } from '../chart/uplot-chart.tsx';
import { formatRate } from '../lib/format.ts';
import { KINDS, LOOKS } from './answer-kind.ts';

/** A shorter movement is a click. */
const DRAG_PX = 6;
/** Room above the highest bar. */
const HEADROOM = 1.08;

type Reader = {
  /** Asked at each draw, so that new data needs no new chart. Unix seconds. */
  readonly bounds: () => [number, number];
  readonly onCursor: (row: number | null) => void;
  readonly onDrag: (left_s: number, right_s: number) => void;
};

function takeSelection(plot: uPlot, onDrag: Reader['onDrag']): void {
  const { left, width } = plot.select;
  if (width < DRAG_PX) return;
  const [from, to] = [plot.posToVal(left, 'x'), plot.posToVal(left + width, 'x')];
  plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
  onDrag(from, to);
}

/** The bucket the pointer is over; uPlot itself names the one whose start is nearest. */
function bucketUnder(plot: uPlot): number | null {
  const { left = -1, idx } = plot.cursor;
  if (left < 0 || idx === null || idx === undefined) return null;
  const start = plot.data[0][idx] ?? 0;
  return idx > 0 && plot.posToVal(left, 'x') < start ? idx - 1 : idx;
}

export function timelineOptions(theme: ChartTheme, { bounds, onCursor, onDrag }: Reader): ChartOptions {
  const bars = uPlot.paths.bars?.({ size: [1, Number.POSITIVE_INFINITY], align: 1, gap: 1 });
  return {
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: false },
      drag: { x: true, y: false, setScale: false, dist: DRAG_PX },
    },
    padding: [8, 24, 0, 0],
    scales: {
      x: { range: () => bounds() },
      y: { range: (_plot, _min, max) => [0, Math.max(1, (max ?? 0) * HEADROOM)] },
    },
    axes: [
      timeAxis(theme),
      axis(theme, {
        size: 52,
        space: 28,
        incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 2e5, 5e5, 1e6, 1e7],
        values: (_plot, ticks) => ticks.map((tick) => (tick < 10 ? String(tick) : formatRate(tick))),
      }),
    ],
    series: [
      {},
      ...KINDS.toReversed().map((kind) => ({
        ...(bars === undefined ? {} : { paths: bars }),
        fill: theme[LOOKS[kind].token],
        width: 0,
        points: { show: false },
      })),
    ],
    hooks: {
      setCursor: [(plot) => onCursor(bucketUnder(plot))],
      setSelect: [(plot) => takeSelection(plot, onDrag)],
    },
  };
}
