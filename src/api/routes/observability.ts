import { wallMs } from '../../lib/clock.ts';
import type { Api } from '../../lib/http-app.ts';
import { ErrorBody } from '../../lib/http-schemas.ts';
import { PANELS, panelQuery, SECTIONS } from '../../lib/panels.ts';
import type { ApiContext } from '../context.ts';
import { readAlerts, readObjectives, readSeries, readTargets } from '../observability.ts';
import {
  AlertsBody,
  ObjectivesBody,
  PanelsBody,
  SeriesBody,
  SeriesQuery,
  TargetsBody,
} from '../observability-schemas.ts';
import { NoQuery } from '../queries.ts';

/** The window of the query that is shown and opened in Prometheus. */
const SHOWN_WINDOW_S = 60;

/** GET /api/observability/…: what Prometheus has collected, by fixed queries only. */
export function observabilityRoutes(app: Api, { prometheus, prometheusPort }: ApiContext): void {
  const tags = ['observability'];
  const errors = { 400: ErrorBody, 503: ErrorBody, 504: ErrorBody };
  app.get(
    '/api/observability/panels',
    {
      schema: {
        tags,
        summary: 'The panels, what each means, and its PromQL',
        querystring: NoQuery,
        response: { 200: PanelsBody, ...errors },
      },
    },
    async () => ({
      sections: Object.entries(SECTIONS).map(([id, section]) => ({ id, ...section })),
      panels: PANELS.map((panel) => {
        const { id, section, title, explains, unit } = panel;
        return { id, section, title, explains, unit, promql: panelQuery(panel, SHOWN_WINDOW_S) };
      }),
      prometheus_port: prometheusPort,
    }),
  );
  app.get(
    '/api/observability/series',
    {
      schema: {
        tags,
        summary: "The panels' values over time",
        querystring: SeriesQuery,
        response: { 200: SeriesBody, ...errors },
      },
    },
    async ({ query }) => readSeries(prometheus, query, Math.floor(wallMs() / 1_000)),
  );
  app.get(
    '/api/observability/objectives',
    {
      schema: {
        tags,
        summary: 'The service-level objectives, and how fast each budget burns',
        querystring: NoQuery,
        response: { 200: ObjectivesBody, ...errors },
      },
    },
    async () => readObjectives(prometheus),
  );
  app.get(
    '/api/observability/alerts',
    {
      schema: {
        tags,
        summary: 'Alerts that fire or are about to, pages first',
        querystring: NoQuery,
        response: { 200: AlertsBody, ...errors },
      },
    },
    async () => readAlerts(prometheus),
  );
  app.get(
    '/api/observability/targets',
    {
      schema: {
        tags,
        summary: 'Every process that is watched, and whether it answers',
        querystring: NoQuery,
        response: { 200: TargetsBody, ...errors },
      },
    },
    async () => readTargets(prometheus),
  );
}
