import { useCallback, useMemo } from 'react';
import type { DataTable } from '../../../src/rag/schemas.ts';
import { axis, type ChartTheme, timeAxis } from '../chart/chart-theme.ts';
import { type ChartOptions, UplotChart } from '../chart/uplot-chart.tsx';
import { formatRate } from '../lib/format.ts';
import { pointsOf } from './line-points.ts';

const HEIGHT_PX = 180;

/** A result over time. Its figures stand in the table below. */
export function LineChart({ data }: { data: DataTable }) {
  const points = useMemo(() => pointsOf(data), [data]);
  const build = useCallback(
    (theme: ChartTheme): ChartOptions => ({
      legend: { show: false },
      cursor: { y: false, drag: { setScale: false, x: false, y: false } },
      padding: [8, 8, 0, 0],
      scales: { y: { range: (_plot, _min, max) => [0, Math.max(1, max ?? 0) * 1.1] } },
      axes: [
        timeAxis(theme),
        axis(theme, { size: 46, space: 28, values: (_plot, ticks) => ticks.map((tick) => formatRate(tick)) }),
      ],
      series: [{}, { stroke: theme.accent, fill: theme['accent-band'], width: 1.5 }],
    }),
    [],
  );
  const label = data.columns.find(({ key }) => key === data.chart?.y)?.label ?? '';
  return (
    <UplotChart
      build={build}
      data={points}
      height_px={HEIGHT_PX}
      label={`${label} over time; the table has its figures`}
    />
  );
}
