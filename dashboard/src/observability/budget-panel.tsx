import { useCallback, useMemo, useRef } from 'react';
import uPlot from 'uplot';
import type { AvailabilityBody, AvailabilityTimelineBody } from '../../../src/api/availability-schemas.ts';
import { axis, type ChartTheme, timeAxis } from '../chart/chart-theme.ts';
import { type ChartOptions, UplotChart } from '../chart/uplot-chart.tsx';
import { formatAge, formatCount } from '../lib/format.ts';
import { formatNines } from './figures.ts';
import { formatBudget } from './promise-totals.tsx';

const HEIGHT_PX = 150;
const WINDOW_NAMES = {
  hour: 'Last hour',
  day: 'Last day',
  month: 'Last 30 days',
  since_start: 'Since the start',
} as const;

/** A step is how a budget is spent. */
const steps = uPlot.paths.stepped?.({ align: 1 });

function budgetOptions(
  theme: ChartTheme,
  read: () => { from_s: number; to_s: number; full_s: number },
): ChartOptions {
  return {
    legend: { show: false },
    cursor: { show: false },
    padding: [8, 4, 0, 0],
    scales: {
      x: { range: () => [read().from_s, read().to_s] },
      y: { range: (_plot, min) => [Math.min(0, min ?? 0), read().full_s * 1.08] },
    },
    axes: [
      timeAxis(theme),
      axis(theme, { size: 46, space: 26, values: (_plot, ticks) => ticks.map((tick) => `${tick} s`) }),
    ],
    series: [
      {},
      {
        stroke: theme.accent,
        fill: theme['accent-band'],
        width: 1.5,
        points: { show: false },
        ...(steps === undefined ? {} : { paths: steps }),
      },
    ],
  };
}

function Windows({ windows }: { windows: AvailabilityBody['windows'] }) {
  return (
    <div className="table-place">
      <table className="table table-windows">
        <caption className="visually-hidden">Availability by window</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col" className="num">
              Answered well
            </th>
            <th scope="col" className="num">
              Bad
            </th>
            <th scope="col" className="num">
              Not observed
            </th>
          </tr>
        </thead>
        <tbody>
          {windows.map((one) => (
            <tr key={one.window} title={one.text}>
              <th scope="row">{WINDOW_NAMES[one.window]}</th>
              <td className="num">{formatNines(one.availability)}</td>
              <td className={`num${one.bad_s > 0 ? ' tone-alert' : ''}`}>
                {one.bad_s > 0 ? '◆ ' : ''}
                {formatCount(one.bad_s)} s
              </td>
              <td className="num faint">{one.unobserved_s === 0 ? '–' : formatAge(one.unobserved_s)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** What is left of the year's 3.16 s, and what may be claimed after so long. */
export function BudgetPanel(props: {
  availability: AvailabilityBody | null;
  timeline: AvailabilityTimelineBody | null;
}) {
  const { availability, timeline } = props;
  const full_s = availability?.budget.per_year_s ?? 3.16;
  const times = useMemo(() => {
    if (timeline === null) return [];
    const from_s = Date.parse(timeline.from) / 1_000;
    return timeline.budget_left_s.map((_, index) => from_s + index * timeline.step_s);
  }, [timeline]);
  const shown = useRef({ from_s: 0, to_s: 1, full_s });
  shown.current = { from_s: times[0] ?? 0, to_s: times.at(-1) ?? 1, full_s };
  const build = useCallback((theme: ChartTheme) => budgetOptions(theme, () => shown.current), []);
  const data = useMemo<uPlot.AlignedData>(() => [times, timeline?.budget_left_s ?? []], [times, timeline]);
  const since = availability?.windows.find(({ window }) => window === 'since_start');
  return (
    <section className="panel" aria-label="Budget">
      <header className="panel-head">
        <h2>What is left of the year's {formatBudget(full_s)}</h2>
      </header>
      <p className="chart-explains">
        99.99999 % leaves 3.16 s a year. Every second in which a probe was answered wrongly, or not within 5
        s, is spent. {since === undefined ? '' : `${since.text}.`}
      </p>
      <UplotChart
        build={build}
        data={data}
        height_px={HEIGHT_PX}
        label="Seconds left of the year's budget over time; the figures stand in the table below"
      />
      <Windows windows={availability?.windows ?? []} />
    </section>
  );
}
