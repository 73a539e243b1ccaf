import { useCallback, useMemo, useRef, useState } from 'react';
import type { SummaryBody } from '../../../src/vision/schemas.ts';
import { axis, type ChartTheme, timeAxis } from '../chart/chart-theme.ts';
import { type ChartOptions, UplotChart } from '../chart/uplot-chart.tsx';
import { NO_TREND, trendBounds, trendColumns, trendReadout } from './trend.ts';

const HEIGHT_PX = 150;

function options(
  theme: ChartTheme,
  bounds: () => [number, number],
  onCursor: (row: number | null) => void,
): ChartOptions {
  return {
    legend: { show: false },
    cursor: { y: false, points: { size: 6 }, drag: { setScale: false, x: false, y: false } },
    padding: [8, 8, 0, 0],
    scales: { x: { range: () => bounds() }, y: { range: () => [0, 100] } },
    axes: [timeAxis(theme), axis(theme, { size: 36, space: 24, incrs: [20, 50] })],
    series: [
      {},
      {
        stroke: theme.accent,
        fill: theme['accent-band'],
        width: 1.5,
        points: { show: true, size: 4, fill: theme.accent },
      },
    ],
    hooks: { setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)] },
  };
}

/** How the score went, over all sites. */
export function TrendPanel({ summary }: { summary: SummaryBody | null }) {
  const [row, setRow] = useState<number | null>(null);
  const columns = useMemo(() => (summary === null ? NO_TREND : trendColumns(summary)), [summary]);
  const shown = useRef(columns);
  shown.current = columns;
  const build = useCallback(
    (theme: ChartTheme) => options(theme, () => trendBounds(shown.current), setRow),
    [],
  );
  const data = useMemo<[number[], (number | null)[]]>(() => [columns.times, columns.scores], [columns]);
  return (
    <section className="panel" aria-label="Score over time">
      <header className="panel-head">
        <h2>Score over time</h2>
      </header>
      <div className="chart-place">
        <UplotChart
          build={build}
          data={data}
          height_px={HEIGHT_PX}
          label="Compliance score over time, 0 to 100"
        />
        {summary !== null && columns.times.length === 0 ? <p className="chart-empty">No photo yet.</p> : null}
      </div>
      <p className="readout">{trendReadout(columns, row)}</p>
    </section>
  );
}
