import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { LogTimelineBody } from '../../../src/api/log-schemas.ts';
import type { ChartTheme } from '../chart/chart-theme.ts';
import { UplotChart } from '../chart/uplot-chart.tsx';
import { formatCount } from '../lib/format.ts';
import { KINDS, LOOKS } from './answer-kind.ts';
import { draggedWindow, readout, stacked, timeBounds, totals } from './timeline-columns.ts';
import { timelineOptions } from './timeline-options.ts';

const HEIGHT_PX = 150;
const NOTHING: [number[], ...number[][]] = [[], [], [], [], []];

function Legend({ timeline }: { timeline: LogTimelineBody | null }) {
  const counts = timeline === null ? null : totals(timeline);
  return (
    <ul className="chart-legend">
      {KINDS.map((kind) => (
        <li key={kind}>
          <span className={`legend-swatch swatch-${kind}`} aria-hidden="true" />
          {LOOKS[kind].label} {LOOKS[kind].code}{' '}
          <strong>{counts === null ? '–' : formatCount(counts[kind])}</strong>
        </li>
      ))}
    </ul>
  );
}

/** Requests over time by kind of answer. Dragging over it chooses a window of time. */
export function TimelinePanel(props: {
  timeline: LogTimelineBody | null;
  outdated: boolean;
  onWindow: (window: { from: string; to: string }) => void;
}) {
  const { timeline, outdated, onWindow } = props;
  const [row, setRow] = useState<number | null>(null);
  const shown = useRef({ timeline, onWindow });
  shown.current.timeline = timeline;
  useEffect(() => {
    shown.current.onWindow = onWindow;
  });
  const build = useCallback(
    (theme: ChartTheme) =>
      timelineOptions(theme, {
        bounds: () => {
          const { timeline } = shown.current;
          return timeline === null || timeline.timestamps.length === 0 ? [0, 1] : timeBounds(timeline);
        },
        onCursor: setRow,
        onDrag: (left_s, right_s) => {
          const window = draggedWindow(left_s, right_s);
          if (window !== null) shown.current.onWindow(window);
        },
      }),
    [],
  );
  const data = useMemo(() => (timeline === null ? NOTHING : stacked(timeline)), [timeline]);
  return (
    <section className="panel log-timeline" aria-label="Requests over time" aria-busy={outdated}>
      <header className="panel-head">
        <h2>Requests over time</h2>
        <Legend timeline={timeline} />
      </header>
      <div className="chart-place">
        <UplotChart
          build={build}
          data={data}
          height_px={HEIGHT_PX}
          label="Requests over time by kind of answer; the totals stand above"
        />
        {timeline?.timestamps.length === 0 ? <p className="chart-empty">No request in this time.</p> : null}
      </div>
      <p className="readout">{readout(timeline, row)}</p>
    </section>
  );
}
