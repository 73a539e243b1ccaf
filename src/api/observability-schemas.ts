/** What the Observability page asks for. */
import { type Static, Type } from 'typebox';
import { Nullable } from '../lib/schema.ts';

const PanelBody = Type.Object({
  id: Type.String(),
  section: Type.Union([
    Type.Literal('promise'),
    Type.Literal('signals'),
    Type.Literal('data'),
    Type.Literal('engines'),
  ]),
  title: Type.String(),
  explains: Type.String(),
  unit: Type.Union([
    Type.Literal('percent'),
    Type.Literal('seconds'),
    Type.Literal('bytes'),
    Type.Literal('cores'),
    Type.Literal('count'),
    Type.Literal('per_second'),
  ]),
  promql: Type.String(),
});
export const PanelsBody = Type.Object({
  sections: Type.Array(Type.Object({ id: Type.String(), title: Type.String(), explains: Type.String() })),
  panels: Type.Array(PanelBody),
  /** Where Prometheus' own page is, on the host that the page came from. */
  prometheus_port: Type.Integer(),
});
export type PanelsBody = Static<typeof PanelsBody>;
export type PanelInfo = Static<typeof PanelBody>;
export type PanelUnit = PanelInfo['unit'];

export const SeriesQuery = Type.Object(
  {
    /** Names of panels, separated by commas; all when it is left out. */
    panels: Type.Optional(Type.String({ minLength: 1, maxLength: 1_000 })),
    minutes: Type.Integer({ minimum: 1, maximum: 21_600, default: 60 }),
    points: Type.Integer({ minimum: 10, maximum: 1_000, default: 180 }),
    /** Unix seconds; now when it is left out. */
    end: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_102_444_800 })),
  },
  { additionalProperties: false },
);
export type SeriesQuery = Static<typeof SeriesQuery>;
export const SeriesBody = Type.Object({
  from: Type.String(),
  step_s: Type.Integer({ minimum: 1 }),
  panels: Type.Array(
    Type.Object({
      id: Type.String(),
      series: Type.Array(Type.Object({ name: Type.String(), values: Type.Array(Nullable(Type.Number())) })),
    }),
  ),
});
export type SeriesBody = Static<typeof SeriesBody>;

export const AlertsBody = Type.Object({
  alerts: Type.Array(
    Type.Object({
      name: Type.String(),
      severity: Type.String(),
      /** pending: the condition holds, not yet for as long as the alert waits. */
      state: Type.Union([Type.Literal('firing'), Type.Literal('pending')]),
      since: Type.String(),
      summary: Type.String(),
      runbook_url: Nullable(Type.String()),
      labels: Type.Record(Type.String(), Type.String()),
    }),
  ),
});
export type AlertsBody = Static<typeof AlertsBody>;

export const TargetsBody = Type.Object({
  targets: Type.Array(
    Type.Object({ job: Type.String(), region: Type.String(), instance: Type.String(), up: Type.Boolean() }),
  ),
});
export type TargetsBody = Static<typeof TargetsBody>;

export const ObjectivesBody = Type.Object({
  objectives: Type.Array(
    Type.Object({
      name: Type.String(),
      title: Type.String(),
      promise: Type.String(),
      objective: Type.Number(),
      /** Share of bad events over each window; null: nothing was measured in it. */
      bad: Type.Array(Type.Object({ window: Type.String(), ratio: Nullable(Type.Number()) })),
      /** How many times faster than it may the budget burned over the last hour; 1 spends it exactly. */
      burn_rate_1h: Nullable(Type.Number()),
    }),
  ),
});
export type ObjectivesBody = Static<typeof ObjectivesBody>;
