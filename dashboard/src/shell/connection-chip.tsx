import { formatAge, formatTime } from '../lib/format.ts';
import type { StreamState } from '../live/event-stream.ts';
import { pausedStore, streamsStore } from '../live/live-control.ts';
import { useStore } from '../live/store.ts';
import { useBeat } from '../live/ticker.ts';

type Connection = {
  readonly kind: 'idle' | 'live' | 'connecting' | 'waiting' | 'paused';
  readonly retryAt_ms: number;
};

function connectionOf(streams: ReadonlyMap<string, StreamState>, paused: boolean): Connection {
  if (paused) return { kind: 'paused', retryAt_ms: 0 };
  let worst: Connection = { kind: streams.size === 0 ? 'idle' : 'live', retryAt_ms: 0 };
  for (const state of streams.values()) {
    if (state.kind === 'waiting') return { kind: 'waiting', retryAt_ms: state.retryAt_ms };
    if (state.kind === 'connecting') worst = { kind: 'connecting', retryAt_ms: 0 };
  }
  return worst;
}

/** Says whether what the page shows is live; only changes of kind are announced, not each second. */
export function ConnectionChip() {
  const paused = useStore(pausedStore);
  const connection = connectionOf(useStore(streamsStore), paused !== null);
  const wait = useBeat((beat_ms) => formatAge(Math.max(0, (connection.retryAt_ms - beat_ms) / 1000)));
  const kinds = {
    idle: { label: '', detail: '' },
    live: { label: 'Live', detail: '' },
    connecting: { label: 'Connecting', detail: '' },
    waiting: { label: 'Reconnecting', detail: wait },
    paused: { label: 'Paused', detail: paused === null ? '' : formatTime(new Date(paused).toISOString()) },
  };
  const { label, detail } = kinds[connection.kind];
  return (
    <span className={`chip chip-${connection.kind}`}>
      <span className="chip-dot" aria-hidden="true" />
      <span role="status">{label}</span>
      <span className="chip-detail" aria-hidden="true">
        {detail}
      </span>
    </span>
  );
}
