import { useEffect, useState } from 'react';
import { after } from '../lib/clock.ts';
import { useStream } from '../live/live-control.ts';
import { expectShape, isDevicesEvent, isDevicesPage } from '../live/shapes.ts';
import type { DeviceWindow } from './device-window.ts';
import { apiQuery, type ListQuery } from './list-query.ts';
import { covers, type RowRange, streamRange } from './paging.ts';

/** Scrolling has settled when the visible rows stayed the same for this long. */
const SETTLE_MS = 250;
/** Rows streamed before the first answer says how many there are: the first screen, which is where a list opens. */
const FIRST_RANGE: RowRange = { start: 0, end: 60 };
const EVENTS = ['page', 'devices'];

/** Streams the rows in sight, and opens a new stream once the reader has settled on rows it does not cover. */
export function useWindowStream(
  window: DeviceWindow,
  query: ListQuery,
  visible: RowRange,
  total: number | null,
): void {
  const [range, setRange] = useState<RowRange>(FIRST_RANGE);
  const { start, end } = visible;
  useEffect(() => {
    if (total === null || covers(range, { start, end }, total)) return;
    return after(SETTLE_MS, () => setRange(streamRange({ start, end }, total)));
  }, [range, start, end, total]);

  const rows = apiQuery(query, range.start, range.end - range.start);
  useStream(`/api/stream/devices?${rows}`, EVENTS, (name, data) => {
    if (name === 'page') window.applyPage(expectShape(isDevicesPage, data));
    else window.applyChanges(expectShape(isDevicesEvent, data));
  });
}
