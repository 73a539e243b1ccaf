import { useEffect, useState } from 'react';
import { every, wallMs } from '../lib/clock.ts';
import { useGet } from '../live/api.ts';
import { useLive } from '../live/live-control.ts';
import { isHistory } from '../live/shapes.ts';
import type { HistoryRange } from './history-range.ts';

/** About one bucket for each pixel and a half of the chart. */
const POINTS = 360;

/** The device's history up to now, asked for again at the range's pace while the page is live. */
export function useHistory(deviceId: string, range: HistoryRange) {
  const live = useLive();
  const [to_ms, setTo] = useState(wallMs);
  useEffect(() => {
    setTo(wallMs());
    if (!live) return;
    return every(range.refresh_s * 1000, () => setTo(wallMs()));
  }, [live, range]);
  const params = new URLSearchParams({
    from: new Date(to_ms - range.span_s * 1000).toISOString(),
    to: new Date(to_ms).toISOString(),
    points: String(POINTS),
  });
  const { data, error } = useGet(
    `/api/devices/${encodeURIComponent(deviceId)}/history?${params}`,
    isHistory,
    null,
  );
  // The last answer stays on the chart until the next one is here: a chart that blinks cannot be read.
  const [kept, setKept] = useState(data);
  if (data !== null && data !== kept) setKept(data);
  return { history: data ?? kept, error };
}
