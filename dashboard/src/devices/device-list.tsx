import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from 'react';
import { useStore } from '../live/store.ts';
import { Notice } from '../shell/notice.tsx';
import { type Columns, columnsFor, heading } from './columns.ts';
import { DeviceRowView, rowId } from './device-row.tsx';
import { DeviceWindow } from './device-window.ts';
import { HeadCell } from './grid-parts.tsx';
import { isFiltered, type ListQuery } from './list-query.ts';
import { movedRow } from './paging.ts';
import { useWindowStream } from './use-window-stream.ts';

const ROW_PX = 32;
const HEAD_PX = 40;
const OVERSCAN_ROWS = 8;
/** Placeholder rows before the first answer says how many there are. */
const UNKNOWN_TOTAL_ROWS = 40;

function HeadRow({ columns }: { columns: Columns }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a table cannot hold 100,000 rows of which 40 are drawn.
    <div role="rowgroup" className="grid-head">
      {/* biome-ignore lint/a11y/useSemanticElements: as above. */}
      <div role="row" className="device-row device-head" aria-rowindex={1} tabIndex={-1}>
        <HeadCell kind="state">State</HeadCell>
        <HeadCell kind="id">Device</HeadCell>
        <HeadCell kind="site">Site</HeadCell>
        <HeadCell kind="type">Type</HeadCell>
        <HeadCell kind="age">Last heard</HeadCell>
        {columns.metrics === null ? (
          <HeadCell kind="mixed">First readings</HeadCell>
        ) : (
          columns.metrics.map((name) => (
            <HeadCell key={name} kind="metric">
              {heading(name)}
            </HeadCell>
          ))
        )}
      </div>
    </div>
  );
}

function Failure({ window }: { window: DeviceWindow }) {
  const { error, total } = useStore(window.meta);
  if (error === null) return null;
  const retry = (
    <button type="button" className="button" onClick={() => window.retry()}>
      Try now
    </button>
  );
  return (
    <Notice tone={total === null ? 'alert' : 'warn'} title="Devices cannot be read" action={retry}>
      {error.message}
      {error.passing ? ' The list keeps trying on its own.' : ''}
      {total === null ? '' : ' Rows in sight are as last heard.'}
    </Notice>
  );
}

/** Keyboard navigation over all rows, drawn or not: the grid keeps the focus and names the active row. */
function useActiveRow(
  total: number,
  screenRows: () => number,
  reveal: (row: number) => void,
  pick: (row: number) => void,
) {
  const [active, setActive] = useState(0);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.altKey || event.ctrlKey || event.metaKey || total === 0) return;
    if (event.key === 'Enter' || event.key === ' ') {
      event.preventDefault();
      pick(active);
      return;
    }
    const next = movedRow(event.key, active, total, screenRows());
    if (next === null) return;
    event.preventDefault();
    setActive(next);
    reveal(next);
  };
  return { active: Math.min(active, Math.max(0, total - 1)), setActive, onKeyDown };
}

/**
 * All devices that match the filter, in one scroll. Give it a `key` that changes with the filter: rows, scroll
 * position and stream belong to one filter only.
 */
export function DeviceList(props: {
  query: ListQuery;
  selectedId: string | null;
  onSelect: (deviceId: string) => void;
  onTotal: (total: number | null) => void;
}) {
  const { query, selectedId, onSelect, onTotal } = props;
  const [window] = useState(() => new DeviceWindow(query));
  const scroller = useRef<HTMLDivElement>(null);
  const meta = useStore(window.meta);
  const total = meta.total ?? 0;
  const virtualizer = useVirtualizer({
    count: meta.total ?? UNKNOWN_TOTAL_ROWS,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN_ROWS,
    scrollPaddingStart: HEAD_PX,
    paddingStart: HEAD_PX,
  });
  const start = virtualizer.range?.startIndex ?? 0;
  const end = (virtualizer.range?.endIndex ?? UNKNOWN_TOTAL_ROWS) + 1;

  useEffect(() => () => window.close(), [window]);
  useEffect(() => window.show({ start, end }), [window, start, end]);
  useEffect(() => onTotal(meta.total), [onTotal, meta.total]);
  useWindowStream(window, query, { start, end }, meta.total);

  const pick = useCallback(
    (index: number) => {
      const row = window.row(index);
      if (row !== undefined) onSelect(row.device.device_id);
    },
    [window, onSelect],
  );
  const { active, setActive, onKeyDown } = useActiveRow(
    total,
    () => Math.max(1, end - start - 2),
    (row) => virtualizer.scrollToIndex(row),
    pick,
  );
  const onPick = useCallback(
    (index: number) => {
      setActive(index);
      pick(index);
    },
    [pick, setActive],
  );
  const columns = columnsFor(query.type);
  const items = virtualizer.getVirtualItems();
  const activeDrawn = items.some((item) => item.index === active);

  return (
    <div className="list">
      <Failure window={window} />
      {meta.total === 0 ? (
        <p className="list-empty">
          {isFiltered(query) ? 'No device matches the filter.' : 'No device is registered yet.'}
        </p>
      ) : null}
      {/* biome-ignore lint/a11y/useSemanticElements: a table cannot hold 100,000 rows of which 40 are drawn. */}
      <div
        ref={scroller}
        role="grid"
        tabIndex={0}
        className={`grid ${columns.metrics === null ? 'grid-mixed' : 'grid-typed'}`}
        aria-label="Devices"
        aria-rowcount={meta.total === null ? -1 : total + 1}
        aria-activedescendant={activeDrawn ? rowId(active) : undefined}
        onKeyDown={onKeyDown}
        hidden={meta.total === 0}
      >
        <HeadRow columns={columns} />
        {/* biome-ignore lint/a11y/useSemanticElements: as above. */}
        <div role="rowgroup" style={{ height: virtualizer.getTotalSize() - HEAD_PX }}>
          {items.map((item) => (
            <DeviceRowView
              key={item.key}
              window={window}
              index={item.index}
              top_px={item.start}
              columns={columns}
              active={item.index === active}
              selectedId={selectedId}
              onPick={onPick}
            />
          ))}
        </div>
      </div>
    </div>
  );
}
