/** The cluster as the agents last told it; kept outside the page so that coming back shows it at once. */
import { useEffect, useId, useRef } from 'react';
import type { CurrentDrill, StatusBody } from '../../../src/lib/control-schemas.ts';
import { monotonicMs } from '../lib/clock.ts';
import { setStream, useLive } from '../live/live-control.ts';
import { type PollAnswer, poll } from '../live/poll.ts';
import type { Shape } from '../live/shapes.ts';
import { createStore, useStore } from '../live/store.ts';
import { isMoving } from './cluster-state.ts';
import { commandStore } from './commands.ts';
import { isCurrentDrill, isStatus } from './control-shapes.ts';

/** `heardAt_ms` is monotonic. */
export const statusStore = createStore<{ status: StatusBody; heardAt_ms: number } | null>(null);
export const drillStore = createStore<CurrentDrill>(null);
/** The drill that was seen last; its timeline stays on the page when it has finished. */
export const lastDrillStore = createStore<CurrentDrill>(null);
/** Why the latest status could not be read; null when it could. */
export const failureStore = createStore<string | null>(null);

const CALM_MS = 500;
const BUSY_MS = 200;
/** A status that takes longer is asked for again: the next try may reach another agent. */
const DEADLINE_MS = 2000;

/** Asks `path` again `period_ms` after each answer, good or not, while the page is live. */
function usePoll<T>(
  path: string,
  shape: Shape<T>,
  period_ms: number,
  take: (answer: PollAnswer<T>) => void,
): void {
  const live = useLive();
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    if (!live) return;
    return poll({
      pathNow: () => path,
      shape,
      deadline_ms: DEADLINE_MS,
      wait_ms: () => period_ms,
      take: (answer) => latest.current(answer),
    });
  }, [live, path, shape, period_ms]);
}

/** Keeps the stores filled while the page is shown, faster while anything happens. */
export function useClusterFeed(): void {
  const id = useId();
  const live = useLive();
  const record = useStore(statusStore)?.status.record ?? null;
  const drilling = useStore(drillStore) !== null;
  const sending = useStore(commandStore).kind === 'sending';
  const period_ms = isMoving(record) || drilling || sending ? BUSY_MS : CALM_MS;
  useEffect(() => {
    if (!live) return;
    setStream(id, { kind: 'connecting', attempt: 0 });
    return () => setStream(id, null);
  }, [live, id]);
  usePoll('/cluster/status', isStatus, period_ms, (answer) => {
    if ('error' in answer) {
      failureStore.set(answer.error.message);
      setStream(id, { kind: 'waiting', attempt: 1, retryAt_ms: monotonicMs() + period_ms });
      return;
    }
    failureStore.set(null);
    statusStore.set({ status: answer.value, heardAt_ms: monotonicMs() });
    setStream(id, { kind: 'open' });
  });
  usePoll('/drills/current', isCurrentDrill, period_ms, (answer) => {
    if ('error' in answer) return;
    drillStore.set(answer.value);
    if (answer.value !== null) lastDrillStore.set(answer.value);
  });
}
