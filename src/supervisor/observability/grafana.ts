/** The dashboard for Grafana, made of the same panels as the page's; checked against Grafana's own types. Pure. */
import type { Dashboard, Panel as GrafanaPanel, RowPanel } from '@grafana/schema';
import { PANELS, type Panel, SECTIONS } from '../../lib/panels.ts';

/** As deploy/grafana/provisioning has it. */
export const DATASOURCE = { type: 'prometheus', uid: 'tier0-prometheus' };
/** https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options/#unit */
const UNITS: Readonly<Record<Panel['unit'], string>> = {
  percent: 'percent',
  seconds: 's',
  bytes: 'bytes',
  cores: 'none',
  count: 'short',
  per_second: 'cps',
};
/** Grafana's grid has 24 columns. */
const COLUMNS = 24;
const PER_ROW = 3;
const HEIGHT = 8;
/** Grafana's own window, four scrapes at least. */
const RATE_WINDOW = '$__rate_interval';

function panel(one: Panel, id: number, x: number, y: number): GrafanaPanel {
  return {
    id,
    type: 'timeseries',
    title: one.title,
    description: one.explains,
    datasource: DATASOURCE,
    gridPos: { h: HEIGHT, w: COLUMNS / PER_ROW, x, y },
    fieldConfig: {
      defaults: { unit: UNITS[one.unit], ...(one.unit === 'percent' ? { max: 100 } : { min: 0 }) },
      overrides: [],
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom' },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
    targets: [
      {
        refId: 'A',
        datasource: DATASOURCE,
        expr: one.expr.replaceAll('$window', RATE_WINDOW),
        legendFormat: one.legend,
      },
    ],
  };
}

export function grafanaDashboard(): Dashboard {
  const panels: (GrafanaPanel | RowPanel)[] = [];
  let y = 0;
  for (const [section, { title }] of Object.entries(SECTIONS)) {
    panels.push({
      id: panels.length + 1,
      type: 'row',
      title,
      collapsed: false,
      gridPos: { h: 1, w: COLUMNS, x: 0, y },
      panels: [],
    });
    y++;
    const own = PANELS.filter((one) => one.section === section);
    for (const [index, one] of own.entries()) {
      const x = (index % PER_ROW) * (COLUMNS / PER_ROW);
      panels.push(panel(one, panels.length + 1, x, y + Math.floor(index / PER_ROW) * HEIGHT));
    }
    y += Math.ceil(own.length / PER_ROW) * HEIGHT;
  }
  return {
    uid: 'tier0',
    title: 'Tier-0',
    description: 'Made by: npx tier0 grafana',
    tags: ['tier0'],
    timezone: 'utc',
    schemaVersion: 41,
    editable: false,
    graphTooltip: 1,
    refresh: '10s',
    time: { from: 'now-1h', to: 'now' },
    panels,
  };
}

export const dashboardText = (): string => `${JSON.stringify(grafanaDashboard(), null, 2)}\n`;
