import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { PANELS } from '../../lib/panels.ts';
import { PROJECT_DIR } from '../../lib/project.ts';
import { DATASOURCE, dashboardText, grafanaDashboard } from './grafana.ts';

const DEPLOY = join(PROJECT_DIR, 'deploy/grafana');

describe("Grafana's dashboard", () => {
  it('is up to date (npx tier0 grafana > deploy/grafana/dashboards/tier0.json)', () =>
    assert.equal(readFileSync(join(DEPLOY, 'dashboards/tier0.json'), 'utf8'), dashboardText()));

  it('has every panel of the page once, and no two in one place', () => {
    const panels = grafanaDashboard().panels ?? [];
    const charts = panels.filter(({ type }) => type === 'timeseries');
    assert.deepEqual(
      charts.map(({ title }) => title),
      PANELS.map(({ title }) => title),
    );
    const places = panels.map(({ gridPos }) => `${gridPos?.x} ${gridPos?.y}`);
    assert.equal(new Set(places).size, places.length);
    assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
    for (const { gridPos } of charts) assert.ok((gridPos?.x ?? 0) + (gridPos?.w ?? 0) <= 24);
  });

  it('leaves no window for Grafana to guess', () => {
    assert.doesNotMatch(dashboardText(), /\$window/);
    assert.match(dashboardText(), /\$__rate_interval/);
  });

  it('asks the data source that is provisioned', () =>
    assert.match(
      readFileSync(join(DEPLOY, 'provisioning/datasources/tier0.yaml'), 'utf8'),
      new RegExp(`uid: ${DATASOURCE.uid}\\n`),
    ));
});
