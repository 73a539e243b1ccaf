import { useCallback, useMemo, useRef, useState } from 'react';
import type { UsersTimelineBody } from '../../../src/api/user-schemas.ts';
import type { ChartTheme } from '../chart/chart-theme.ts';
import { UplotChart } from '../chart/uplot-chart.tsx';
import { Segments } from '../shell/fields.tsx';
import { RANGES, type UserQuery } from './user-query.ts';
import { columnsOf, isSilent, NO_COLUMNS, readout, timeBounds, type UserColumns } from './user-timeline.ts';
import { userTimelineOptions } from './user-timeline-options.ts';

const HEIGHT_PX = 190;
const CHOICES = RANGES.map(({ id, label }) => ({ value: id, label }));

function Legend() {
  return (
    <ul className="chart-legend">
      <li>
        <span className="legend-line" aria-hidden="true" /> Active users
      </li>
      <li>
        <span className="legend-line legend-dashed" aria-hidden="true" /> Connections, right axis
      </li>
    </ul>
  );
}

/** Active users and connections over time, as the sites' servers reported them. */
export function UserTimelinePanel(props: {
  timeline: UsersTimelineBody | null;
  outdated: boolean;
  range: UserQuery['range'];
  onRange: (range: UserQuery['range']) => void;
}) {
  const { timeline, outdated, range, onRange } = props;
  const [row, setRow] = useState<number | null>(null);
  const columns = useMemo(() => (timeline === null ? NO_COLUMNS : columnsOf(timeline)), [timeline]);
  const shown = useRef(columns);
  shown.current = columns;
  const build = useCallback(
    (theme: ChartTheme) => userTimelineOptions(theme, () => timeBounds(shown.current), setRow),
    [],
  );
  const data = useMemo<[number[], ...UserColumns['users'][]]>(
    () => [columns.times, columns.users, columns.connections],
    [columns],
  );
  return (
    <section className="panel users-timeline" aria-label="Users over time" aria-busy={outdated}>
      <header className="panel-head">
        <h2>Users over time</h2>
        <Segments legend="Time" className="panel-segments" options={CHOICES} value={range} onPick={onRange} />
      </header>
      <Legend />
      <div className="chart-place">
        <UplotChart
          build={build}
          data={data}
          height_px={HEIGHT_PX}
          label="Active users and connections over time; the newest figures stand above"
        />
        {timeline !== null && isSilent(columns) ? (
          <p className="chart-empty">No site reported in this time.</p>
        ) : null}
      </div>
      <p className="readout">{readout(columns, row)}</p>
    </section>
  );
}
