/** The answers of the control port that this page understands; only their outline is looked at (live/shapes.ts). */
import type { Static } from 'typebox';
import type {
  CurrentDrill,
  DrillReport as DrillReportSchema,
  DrillsBody,
  FailoverBody,
  HistoryBody,
  StatusBody,
  ValidateBody,
} from '../../../src/lib/control-schemas.ts';
import { outline, type Shape } from '../live/shapes.ts';

export type DrillReport = Static<typeof DrillReportSchema>;

export const isStatus = outline<StatusBody>({
  timestamp: 'string',
  region: 'string',
  view: 'string',
  message: 'string',
  members: 'array',
});
export const isValidate = outline<ValidateBody>({ valid: 'boolean', findings: 'array' });
export const isHistory = outline<HistoryBody>({ operations: 'array' });
export const isFailover = outline<FailoverBody>({
  success: 'boolean',
  target_region: 'string',
  total_failover_time: 'number',
  tier0_compliant: 'boolean',
});
export const isDrills = outline<DrillsBody>({ total: 'number', drills: 'array' });
export const isDrillReport = outline<DrillReport>({
  id: 'string',
  verdict: 'string',
  load: 'object',
  build: 'object',
  machine: 'object',
  summary: 'object',
  runs: 'array',
});

const isRunning = outline<NonNullable<CurrentDrill>>({
  id: 'string',
  phase: 'string',
  timeline: 'array',
  requests: 'object',
});
export const isCurrentDrill: Shape<CurrentDrill> = (value): value is CurrentDrill =>
  value === null || isRunning(value);

export const isPaused: Shape<Pick<StatusBody, 'paused'>> = (value): value is Pick<StatusBody, 'paused'> =>
  typeof value === 'object' && value !== null && 'paused' in value;
export const isStarted = outline<{ id: string }>({ id: 'string' });
export const isHealed = outline<{ healed: string[] }>({ healed: 'array' });
