/** Whether the page is live: the pause button, the tab's visibility, and the state of every open stream. */
import { useEffect, useId, useRef } from 'react';
import { wallMs } from '../lib/clock.ts';
import { openStream, type StreamState } from './event-stream.ts';
import { createStore, useStore } from './store.ts';

/** Unix ms of the moment at which the reader paused live updates, or null while they run. */
export const pausedStore = createStore<number | null>(null);

/** State of each open stream by an id of its user; the header shows the worst of them. */
export const streamsStore = createStore<ReadonlyMap<string, StreamState>>(new Map());

const visibleStore = createStore(document.visibilityState === 'visible');
document.addEventListener('visibilitychange', () => visibleStore.set(document.visibilityState === 'visible'));

export function togglePause(): void {
  pausedStore.set(pausedStore.get() === null ? wallMs() : null);
}

/**
 * False while paused, and while the tab is hidden: a browser allows six connections to one origin over
 * HTTP/1.1, so streams of tabs that nobody sees would starve the one that somebody does.
 */
export function useLive(): boolean {
  const paused = useStore(pausedStore);
  const visible = useStore(visibleStore);
  return paused === null && visible;
}

/** Tells the header how a source of live data is; null when nobody needs it any more. */
export function setStream(id: string, state: StreamState | null): void {
  const next = new Map(streamsStore.get());
  if (state === null) next.delete(id);
  else next.set(id, state);
  streamsStore.set(next);
}

/**
 * Keeps a stream open while the component is shown and the page is live; `url` null opens none.
 * `onEvent` may change between renders without reopening. `events` must not change.
 */
export function useStream(
  url: string | null,
  events: readonly string[],
  onEvent: (name: string, data: unknown) => void,
  silence_ms: number | null = null,
): void {
  const id = useId();
  const live = useLive();
  const latest = useRef(onEvent);
  const names = useRef(events);
  useEffect(() => {
    latest.current = onEvent;
  });
  useEffect(() => {
    if (url === null || !live) return;
    const close = openStream({
      url,
      events: names.current,
      onEvent: (name, data) => latest.current(name, data),
      onState: (state) => setStream(id, state),
      silence_ms,
    });
    return () => {
      close();
      setStream(id, null);
    };
  }, [url, live, id, silence_ms]);
}
