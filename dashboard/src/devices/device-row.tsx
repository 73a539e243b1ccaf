import { memo, useCallback, useSyncExternalStore } from 'react';
import { formatMetric } from '../lib/format.ts';
import { metricName } from '../lib/metric-name.ts';
import { Age } from '../shell/age.tsx';
import { StateLabel } from '../shell/state-glyph.tsx';
import { type Columns, MIXED_METRICS, metricOrder, typeLabel } from './columns.ts';
import type { DeviceWindow, ListRow } from './device-window.ts';
import { Cell } from './grid-parts.tsx';

export const rowId = (index: number): string => `device-row-${index}`;

function MetricCells({ row, columns }: { row: ListRow; columns: Columns }) {
  const { metrics, device_type } = row.device;
  if (columns.metrics !== null) {
    return columns.metrics.map((name) => {
      const value = metrics[name];
      return (
        <Cell key={name} kind="metric">
          {value === undefined ? <span className="faint">–</span> : formatMetric(value)}
        </Cell>
      );
    });
  }
  return (
    <Cell kind="mixed">
      {metricOrder(device_type, metrics)
        .slice(0, MIXED_METRICS)
        .map((name) => {
          const { label, unit } = metricName(name);
          return (
            <span key={name} className="mixed">
              <span className="mixed-label">{label}</span>
              <span className="mixed-value">{formatMetric(metrics[name] ?? Number.NaN)}</span>
              <span className="mixed-unit">{unit}</span>
            </span>
          );
        })}
    </Cell>
  );
}

function Cells({ row, columns }: { row: ListRow; columns: Columns }) {
  const { device } = row;
  return (
    <>
      <Cell kind="state">
        <StateLabel state={device.state} />
      </Cell>
      <Cell kind="id">{device.device_id}</Cell>
      <Cell kind="site">{device.site_id}</Cell>
      <Cell kind="type">{typeLabel(device.device_type)}</Cell>
      <Cell kind="age">
        <Age heardAt_ms={row.heardAt_ms} />
      </Cell>
      <MetricCells row={row} columns={columns} />
    </>
  );
}

/** A row draws again when its own device changes or its own props do, never because a neighbour did. */
export const DeviceRowView = memo(function DeviceRowView(props: {
  window: DeviceWindow;
  index: number;
  top_px: number;
  columns: Columns;
  active: boolean;
  selectedId: string | null;
  onPick: (index: number) => void;
}) {
  const { window, index } = props;
  const subscribe = useCallback(
    (listener: () => void) => window.subscribeRow(index, listener),
    [window, index],
  );
  const row = useSyncExternalStore(subscribe, () => window.row(index));
  const selected = row !== undefined && row.device.device_id === props.selectedId;
  return (
    // biome-ignore lint/a11y/useSemanticElements: see grid-parts.tsx.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid that owns the row handles the keys (aria-activedescendant).
    <div
      id={rowId(index)}
      role="row"
      tabIndex={-1}
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={row === undefined}
      className={`device-row${props.active ? ' row-active' : ''}`}
      style={{ transform: `translateY(${props.top_px}px)` }}
      onClick={() => props.onPick(index)}
    >
      {row === undefined ? (
        <Cell kind="ghost">
          <span className="ghost" />
          <span className="visually-hidden">loading</span>
        </Cell>
      ) : (
        <Cells row={row} columns={props.columns} />
      )}
    </div>
  );
});
