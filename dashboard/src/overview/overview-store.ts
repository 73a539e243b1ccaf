/** The latest overview, the sites and the recent rates; they outlive the page so that coming back shows them at once. */
import { useEffect } from 'react';
import type { Overview, SitesBody } from '../../../src/api/schemas.ts';
import { monotonicMs, wallMs } from '../lib/clock.ts';
import { useGet } from '../live/api.ts';
import { useStream } from '../live/live-control.ts';
import { expectShape, isOverview, isSites } from '../live/shapes.ts';
import { createStore } from '../live/store.ts';
import { pushSample, type RateSample } from './rate-window.ts';

/** `heardAt_ms` is monotonic. */
export const overviewStore = createStore<{ overview: Overview; heardAt_ms: number } | null>(null);
export const sitesStore = createStore<SitesBody['sites'] | null>(null);
export const rateStore = createStore<RateSample[]>([]);

/** The API sends an overview every second. */
const SILENCE_MS = 6000;
const EVENTS = ['overview', 'sites'];

function takeOverview(overview: Overview): void {
  overviewStore.set({ overview, heardAt_ms: monotonicMs() });
  const sample = { time_s: wallMs() / 1000, perSecond: overview.readings_per_s };
  rateStore.set(pushSample(rateStore.get(), sample));
}

function takeEvent(name: string, data: unknown): void {
  if (name === 'overview') takeOverview(expectShape(isOverview, data));
  else sitesStore.set(expectShape(isSites, data).sites);
}

/** Keeps the stores filled while the overview is shown; returns why nothing could be fetched yet, or null. */
export function useOverviewFeed(): { message: string; retry: () => void } | null {
  const overview = useGet('/api/overview', isOverview, null);
  const sites = useGet('/api/sites', isSites, null);
  useStream('/api/stream', EVENTS, takeEvent, SILENCE_MS);
  useEffect(() => {
    if (overview.data !== null) takeOverview(overview.data);
  }, [overview.data]);
  useEffect(() => {
    if (sites.data !== null) sitesStore.set(sites.data.sites);
  }, [sites.data]);
  const error = overview.error ?? sites.error;
  if (error === null) return null;
  const retry = () => {
    overview.reload();
    sites.reload();
  };
  return { message: error.message, retry };
}
