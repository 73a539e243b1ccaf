/** The answers of the availability and observability API that this page understands. */
import type {
  AvailabilityBody,
  AvailabilityTimelineBody,
  IncidentsBody,
} from '../../../src/api/availability-schemas.ts';
import type {
  AlertsBody,
  ObjectivesBody,
  PanelsBody,
  SeriesBody,
  TargetsBody,
} from '../../../src/api/observability-schemas.ts';
import { outline } from '../live/shapes.ts';

export const isAvailability = outline<AvailabilityBody>({
  objective: 'number',
  windows: 'array',
  budget: 'object',
});
export const isIncidents = outline<IncidentsBody>({ total: 'number', incidents: 'array' });
export const isAvailabilityTimeline = outline<AvailabilityTimelineBody>({
  from: 'string',
  step_s: 'number',
  observed_s: 'array',
  bad_s: 'array',
  budget_left_s: 'array',
});
export const isPanels = outline<PanelsBody>({
  sections: 'array',
  panels: 'array',
  prometheus_port: 'number',
});
export const isSeries = outline<SeriesBody>({ from: 'string', step_s: 'number', panels: 'array' });
export const isAlerts = outline<AlertsBody>({ alerts: 'array' });
export const isObjectives = outline<ObjectivesBody>({ objectives: 'array' });
export const isTargets = outline<TargetsBody>({ targets: 'array' });
