/** Colours of the design tokens, resolved for canvas, which cannot read custom properties. */
import type uPlot from 'uplot';
import { formatTick } from '../lib/format.ts';

const TOKENS = [
  'text-muted',
  'grid',
  'accent',
  'accent-band',
  'state-ok',
  'state-warn',
  'state-alert',
] as const;
/** Colours of lines that are told apart by nothing else than what they are; --series-1 and so on. */
const SERIES = 8;
export type ChartTheme = Readonly<Record<(typeof TOKENS)[number], string>> & {
  readonly series: readonly string[];
};

/** The colour of a series by its number, from 0. */
export const seriesColor = ({ series, accent }: ChartTheme, index: number): string =>
  series[index % series.length] ?? accent;

export function readChartTheme(): ChartTheme {
  const probe = document.createElement('span');
  document.body.append(probe);
  const color = (token: string) => {
    probe.style.color = `var(--${token})`;
    return getComputedStyle(probe).color;
  };
  const theme: ChartTheme = {
    'text-muted': color('text-muted'),
    grid: color('grid'),
    accent: color('accent'),
    'accent-band': color('accent-band'),
    'state-ok': color('state-ok'),
    'state-warn': color('state-warn'),
    'state-alert': color('state-alert'),
    series: Array.from({ length: SERIES }, (_, index) => color(`series-${index + 1}`)),
  };
  probe.remove();
  return theme;
}

const FONT = '11px system-ui, sans-serif';

export function axis(theme: ChartTheme, extra: uPlot.Axis): uPlot.Axis {
  return {
    stroke: theme['text-muted'],
    font: FONT,
    grid: { stroke: theme.grid, width: 1 },
    ticks: { show: false },
    ...extra,
  };
}

/** A time axis in UTC, without labels while there is no time to show. */
export function timeAxis(theme: ChartTheme): uPlot.Axis {
  return axis(theme, {
    size: 24,
    space: 64,
    values: (plot, ticks, _axis, _space, step_s) =>
      ticks.map((tick) => (plot.data[0].length === 0 ? '' : formatTick(tick, step_s))),
  });
}
