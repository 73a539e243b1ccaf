import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useStore } from '../live/store.ts';
import { darkStore } from '../shell/theme.ts';
import { type ChartTheme, readChartTheme } from './chart-theme.ts';

export type ChartOptions = Omit<uPlot.Options, 'width' | 'height'>;

/** Times are shown in UTC, like everything else on the page. */
const utc = (seconds: number) => uPlot.tzDate(new Date(seconds * 1000), 'Etc/UTC');

/**
 * A uPlot chart as wide as its place. It is built again when `build` or the colours change (keep `build`
 * stable), and redrawn when `data` does. `label` says to a screen reader what the chart shows. With `onKey` the chart
 * takes the focus; `onReset` is told of a double click.
 */
export function UplotChart(props: {
  build: (theme: ChartTheme) => ChartOptions;
  data: uPlot.AlignedData;
  height_px: number;
  label: string;
  onKey?: (event: KeyboardEvent, plot: uPlot) => void;
  onReset?: () => void;
}) {
  const { build, data, height_px, label, onKey, onReset } = props;
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const latest = useRef(data);
  const handlers = useRef({ onKey, onReset });
  handlers.current = { onKey, onReset };
  const dark = useStore(darkStore);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `dark` changes what the tokens resolve to.
  useEffect(() => {
    const element = place.current;
    if (element === null) return;
    const options = {
      tzDate: utc,
      ...build(readChartTheme()),
      width: element.clientWidth,
      height: height_px,
    };
    const plot = new uPlot(options, latest.current, element);
    chart.current = plot;
    const observer = new ResizeObserver(() =>
      plot.setSize({ width: element.clientWidth, height: height_px }),
    );
    observer.observe(element);
    const press = (event: KeyboardEvent) => handlers.current.onKey?.(event, plot);
    const reset = () => handlers.current.onReset?.();
    element.addEventListener('keydown', press);
    element.addEventListener('dblclick', reset);
    return () => {
      observer.disconnect();
      element.removeEventListener('keydown', press);
      element.removeEventListener('dblclick', reset);
      plot.destroy();
      chart.current = null;
    };
  }, [build, height_px, dark]);

  useEffect(() => {
    latest.current = data;
    chart.current?.setData(data);
  }, [data]);

  return (
    <div
      ref={place}
      className="chart"
      style={{ height: height_px }}
      role="img"
      aria-label={label}
      tabIndex={onKey === undefined ? undefined : 0}
    />
  );
}
