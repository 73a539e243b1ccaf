/** One beat a second for everything that shows an age; it stands still while nobody watches. */
import { useSyncExternalStore } from 'react';
import { every, monotonicMs } from '../lib/clock.ts';

const BEAT_MS = 1000;
const listeners = new Set<() => void>();
let beatAt_ms = monotonicMs();
let stop: (() => void) | null = null;

function beat(): void {
  beatAt_ms = monotonicMs();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (stop === null) {
    beatAt_ms = monotonicMs();
    stop = every(BEAT_MS, beat);
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0 && stop !== null) {
      stop();
      stop = null;
    }
  };
}

/**
 * `read` of the last beat (monotonic ms), again with every beat. The component renders again only when the
 * result differs, so return a string or a number, not an object.
 */
export function useBeat<T extends string | number | boolean | null>(read: (beat_ms: number) => T): T {
  return useSyncExternalStore(subscribe, () => read(beatAt_ms));
}
