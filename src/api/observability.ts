/** Panels, objectives, alerts and targets, from Prometheus. Every function throws HttpError when it is away. */

import { invalidField } from '../lib/http-errors.ts';
import { PANELS, type Panel, panelQuery } from '../lib/panels.ts';
import { BURN_WINDOWS, OBJECTIVES } from '../lib/slo.ts';
import type {
  AlertsBody,
  ObjectivesBody,
  SeriesBody,
  SeriesQuery,
  TargetsBody,
} from './observability-schemas.ts';
import type { Prometheus } from './prometheus.ts';

/** Four scrapes of ten seconds: a rate needs two, and one may be late. */
const RATE_MIN_S = 40;
/** A finer step than the scrapes would show each value twice. */
const STEP_MIN_S = 5;

/** "{{role}} {{region}}" of the labels; a series without them is called as the panel. */
function legend(panel: Panel, labels: Readonly<Record<string, string>>): string {
  const name = panel.legend.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? '').trim();
  return name === '' ? panel.title : name;
}

function wantedPanels(names: string | undefined): readonly Panel[] {
  if (names === undefined) return PANELS;
  return names.split(',').map((name) => {
    const panel = PANELS.find(({ id }) => id === name);
    if (panel === undefined)
      throw invalidField(
        'panels',
        `there is no panel "${name}"; there are ${PANELS.map(({ id }) => id).join(', ')}`,
      );
    return panel;
  });
}

/** Times are multiples of the step, so that a chart that is asked for again does not shiver. */
export async function readSeries(
  prometheus: Prometheus,
  { panels: names, minutes, points, end }: SeriesQuery,
  nowS: number,
): Promise<SeriesBody> {
  const step = Math.max(STEP_MIN_S, Math.ceil((minutes * 60) / points));
  const to = Math.floor((end ?? nowS) / step) * step;
  const from = to - Math.floor((minutes * 60) / step) * step;
  const times = Array.from({ length: (to - from) / step + 1 }, (_, index) => from + index * step);
  const window = Math.max(RATE_MIN_S, step);
  const panels = [];
  for (const panel of wantedPanels(names)) {
    const series = await prometheus.range(panelQuery(panel, window), from, to, step);
    panels.push({
      id: panel.id,
      series: series
        .map(({ labels, points: known }) => ({
          name: legend(panel, labels),
          values: times.map((time) => known.get(time) ?? null),
        }))
        .sort((a, b) => (a.name < b.name ? -1 : 1)),
    });
  }
  return { from: new Date(from * 1_000).toISOString(), step_s: step, panels };
}

export async function readObjectives(prometheus: Prometheus): Promise<ObjectivesBody> {
  const samples = await prometheus.now('{__name__=~"tier0:slo_bad:ratio_rate.*"}');
  const ratio = (slo: string, window: string): number | null => {
    const found = samples.find(
      ({ labels }) => labels.slo === slo && labels.__name__ === `tier0:slo_bad:ratio_rate${window}`,
    );
    return found === undefined || !Number.isFinite(found.value) ? null : found.value;
  };
  return {
    objectives: OBJECTIVES.map(({ name, title, promise, objective }) => {
      const hour = ratio(name, '1h');
      return {
        name,
        title,
        promise,
        objective,
        bad: BURN_WINDOWS.map((window) => ({ window, ratio: ratio(name, window) })),
        burn_rate_1h: hour === null ? null : hour / (1 - objective),
      };
    }),
  };
}

const URGENCY = ['page', 'ticket'];

export async function readAlerts(prometheus: Prometheus): Promise<AlertsBody> {
  const alerts = await prometheus.alerts();
  return {
    alerts: alerts
      .map(({ labels: { alertname = '', severity = '', ...labels }, annotations, state, activeAt }) => ({
        name: alertname,
        severity,
        state: state === 'firing' ? ('firing' as const) : ('pending' as const),
        since: new Date(activeAt).toISOString(),
        summary: annotations.summary ?? alertname,
        runbook_url: annotations.runbook_url ?? null,
        labels,
      }))
      .sort(
        (a, b) => URGENCY.indexOf(a.severity) - URGENCY.indexOf(b.severity) || (a.since < b.since ? 1 : -1),
      ),
  };
}

export async function readTargets(prometheus: Prometheus): Promise<TargetsBody> {
  const samples = await prometheus.now('tier0:target_up');
  return {
    targets: samples
      .map(({ labels: { job = '', region = '', instance = '' }, value }) => ({
        job,
        region,
        instance,
        up: value === 1,
      }))
      .sort((a, b) => (`${a.region} ${a.job}` < `${b.region} ${b.job}` ? -1 : 1)),
  };
}
