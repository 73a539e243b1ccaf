import { useMemo } from 'react';
import { axis, type ChartTheme, timeAxis } from '../chart/chart-theme.ts';
import { type ChartOptions, UplotChart } from '../chart/uplot-chart.tsx';
import { wallMs } from '../lib/clock.ts';
import { formatRate } from '../lib/format.ts';
import { useStore } from '../live/store.ts';
import { rateStore } from './overview-store.ts';
import { rateColumns, windowStart } from './rate-window.ts';

const GAP_S = 4;
const HEIGHT_PX = 102;

function build(theme: ChartTheme): ChartOptions {
  return {
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 24, 0, 0],
    scales: {
      x: {
        range: (plot) => {
          const newest = plot.data[0].at(-1) ?? wallMs() / 1000;
          return [windowStart(rateStore.get(), newest), newest];
        },
      },
      y: { range: (_plot, _min, max) => [0, Math.max(10, (max ?? 0) * 1.15)] },
    },
    axes: [
      timeAxis(theme),
      axis(theme, { size: 46, space: 30, values: (_plot, ticks) => ticks.map(formatRate) }),
    ],
    series: [
      {},
      {
        stroke: theme.accent,
        fill: theme['accent-band'],
        width: 1.5,
        points: { show: false },
        spanGaps: false,
      },
    ],
  };
}

export function RatePanel({ perSecond }: { perSecond: number | null }) {
  const samples = useStore(rateStore);
  const data = useMemo(() => rateColumns(samples, GAP_S), [samples]);
  return (
    <section className="panel rate" aria-label="Readings per second">
      <header className="panel-head">
        <h2>Readings per second</h2>
        <span className="panel-note">last 5 min · UTC</span>
      </header>
      <p className="big-figure">
        {perSecond === null ? '–' : formatRate(perSecond)} <span className="unit">/s</span>
      </p>
      <UplotChart
        build={build}
        data={data}
        height_px={HEIGHT_PX}
        label="Readings per second over the last five minutes"
      />
    </section>
  );
}
