/** What the ledger's routes answer. */
import { type Static, Type } from 'typebox';
import { ProbeName } from '../lib/availability.ts';
import { Nullable } from '../lib/schema.ts';

const Seconds = Type.Integer({ minimum: 0 });
const Share = Nullable(Type.Number({ minimum: 0, maximum: 1 }));

const AvailabilityWindow = Type.Object({
  window: Type.Union([
    Type.Literal('hour'),
    Type.Literal('day'),
    Type.Literal('month'),
    Type.Literal('since_start'),
  ]),
  observed_s: Seconds,
  unobserved_s: Type.Integer({
    minimum: 0,
    description: 'Of the window since the first observation: neither good nor bad',
  }),
  bad_s: Type.Integer({ minimum: 0, description: 'Observed seconds with a probe that was answered badly' }),
  good_requests: Type.Integer({ minimum: 0 }),
  bad_requests: Type.Integer({ minimum: 0 }),
  availability: Share,
  at_least: Nullable(Type.Number({ minimum: 0, maximum: 1, description: 'Lower bound at 95 % confidence' })),
  at_best: Nullable(
    Type.Number({ minimum: 0, maximum: 1, description: 'What so short a time can show at best' }),
  ),
  text: Type.String({ description: 'What may be claimed, for people' }),
});

export const AvailabilityBody = Type.Object({
  objective: Type.Number(),
  /** ISO 8601; null: nothing was observed yet. */
  since: Nullable(Type.String()),
  last_observed_at: Nullable(Type.String()),
  windows: Type.Array(AvailabilityWindow),
  budget: Type.Object({
    per_year_s: Type.Number(),
    spent_s: Type.Integer({ minimum: 0, description: 'Bad seconds of the last 365 days' }),
    left_s: Type.Number({ description: 'Negative when more was spent than there was' }),
  }),
  failed_by_probe: Type.Record(Type.String(), Type.Integer({ minimum: 0 })),
});
export type AvailabilityBody = Static<typeof AvailabilityBody>;

export const Incident = Type.Object({
  started_at: Type.String(),
  /** The end of its last bad second. */
  ended_at: Type.String(),
  bad_s: Seconds,
  failed_requests: Type.Integer({ minimum: 0 }),
  probes: Type.Array(ProbeName),
  /** The most frequent first. */
  failures: Type.Array(Type.Object({ failure: Type.String(), count: Type.Integer({ minimum: 1 }) })),
  /** Share of the year's budget. */
  budget_share: Type.Number({ minimum: 0 }),
  /** The drill that ran meanwhile. */
  drill_id: Nullable(Type.String()),
});
export type Incident = Static<typeof Incident>;
export const IncidentsBody = Type.Object({
  total: Type.Integer({ minimum: 0 }),
  incidents: Type.Array(Incident),
});
export type IncidentsBody = Static<typeof IncidentsBody>;

export const IncidentsQuery = Type.Object(
  { limit: Type.Integer({ minimum: 1, maximum: 500, default: 20 }) },
  { additionalProperties: false },
);
export const AvailabilityTimelineQuery = Type.Object(
  {
    hours: Type.Integer({ minimum: 1, maximum: 8_784, default: 24 }),
    points: Type.Integer({ minimum: 10, maximum: 1_000, default: 240 }),
  },
  { additionalProperties: false },
);
export const AvailabilityTimelineBody = Type.Object({
  from: Type.String(),
  step_s: Type.Integer({ minimum: 60 }),
  observed_s: Type.Array(Seconds),
  bad_s: Type.Array(Seconds),
  /** Of the year's budget at the end of each step. */
  budget_left_s: Type.Array(Type.Number()),
});
export type AvailabilityTimelineBody = Static<typeof AvailabilityTimelineBody>;
