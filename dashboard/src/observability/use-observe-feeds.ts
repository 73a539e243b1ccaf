/** Everything the Observability page asks the API for. */
import { useAnswer } from '../live/use-answer.ts';
import { type ObserveQuery, rangeOf, seriesRequest } from './observe-query.ts';
import {
  isAlerts,
  isAvailability,
  isAvailabilityTimeline,
  isIncidents,
  isObjectives,
  isPanels,
  isSeries,
  isTargets,
} from './observe-shapes.ts';

/** The ledger is stored every 5 s; alerts are evaluated as often. */
const PERIOD_MS = 5_000;
const SLOW_PERIOD_MS = 15_000;

export const useAvailability = () => useAnswer(() => '/api/availability', isAvailability, PERIOD_MS);
export const useIncidents = () =>
  useAnswer(() => '/api/availability/incidents?limit=20', isIncidents, SLOW_PERIOD_MS);
export const useAlerts = () => useAnswer(() => '/api/observability/alerts', isAlerts, PERIOD_MS);
export const useObjectives = () =>
  useAnswer(() => '/api/observability/objectives', isObjectives, SLOW_PERIOD_MS);
export const useTargets = () => useAnswer(() => '/api/observability/targets', isTargets, PERIOD_MS);
export const usePanels = () => useAnswer(() => '/api/observability/panels', isPanels, null);

export function useSeries(query: ObserveQuery) {
  const { path, refresh_ms } = seriesRequest(query);
  return useAnswer(() => path, isSeries, refresh_ms);
}

/** The budget is a year's: an hour at least is shown of it. */
export function useBudget(query: ObserveQuery) {
  const { minutes } = rangeOf(query);
  const hours = Math.max(1, Math.round(minutes / 60));
  return useAnswer(
    () => `/api/availability/timeline?hours=${hours}&points=240`,
    isAvailabilityTimeline,
    SLOW_PERIOD_MS,
  );
}
