import { useMemo } from 'react';
import type { PanelsBody, SeriesBody } from '../../../src/api/observability-schemas.ts';
import { formatDateTime } from '../lib/format.ts';
import { FailureNotice } from '../shell/failure-notice.tsx';
import { Segments } from '../shell/fields.tsx';
import { IgnoredNotice } from '../shell/notice.tsx';
import { usePageQuery } from '../shell/use-page-query.ts';
import { AlertsPanel } from './alerts-panel.tsx';
import { BudgetPanel } from './budget-panel.tsx';
import { ChartPanel } from './chart-panel.tsx';
import { IncidentsPanel } from './incidents-panel.tsx';
import { ObjectivesPanel } from './objectives-panel.tsx';
import {
  formatObserveQuery,
  type ObserveQuery,
  parseObserveQuery,
  RANGES,
  type Span,
} from './observe-query.ts';
import { PromiseTotals } from './promise-totals.tsx';
import { TargetsPanel } from './targets-panel.tsx';
import {
  useAlerts,
  useAvailability,
  useBudget,
  useIncidents,
  useObjectives,
  usePanels,
  useSeries,
  useTargets,
} from './use-observe-feeds.ts';

const ADDRESS = {
  path: '/observability',
  parse: parseObserveQuery,
  format: formatObserveQuery,
  // Each zoom is a step that the back button undoes.
  continues: () => false,
};
const CHOICES = RANGES.map(({ id, label }) => ({ value: id, label }));

/** Prometheus' own page for a query; it listens on the host that this page came from. */
function prometheusUrl(port: number, promql: string): string {
  const query = new URLSearchParams({ 'g0.expr': promql, 'g0.tab': '0', 'g0.range_input': '1h' });
  return `${location.protocol}//${location.hostname}:${port}/graph?${query}`;
}

function RangeBar({ query, go }: { query: ObserveQuery; go: (next: ObserveQuery) => void }) {
  const { zoom } = query;
  const iso = (second: number) => formatDateTime(new Date(second * 1_000).toISOString());
  return (
    <div className="observe-range">
      <Segments
        legend="Time"
        options={CHOICES}
        value={query.range}
        onPick={(range) => go({ range, zoom: null })}
      />
      {zoom === null ? (
        <span className="faint">Drag over a chart to zoom in; + and − do it from the keyboard.</span>
      ) : (
        <>
          <span>
            {iso(zoom.from_s)} to {iso(zoom.to_s)} UTC
          </span>
          <button type="button" className="button" onClick={() => go({ ...query, zoom: null })}>
            Show all and go on live
          </button>
        </>
      )}
    </div>
  );
}

function Sections(props: {
  panels: PanelsBody;
  series: SeriesBody | null;
  onZoom: (span: Span | null) => void;
}) {
  const { panels, series, onZoom } = props;
  const times = useMemo(() => {
    const count = series?.panels[0]?.series[0]?.values.length ?? 0;
    const from_s = series === null ? 0 : Date.parse(series.from) / 1_000;
    return Array.from({ length: count }, (_, index) => from_s + index * (series?.step_s ?? 0));
  }, [series]);
  const span = useMemo(() => ({ from_s: times[0] ?? 0, to_s: times.at(-1) ?? 1 }), [times]);
  return panels.sections.map((section) => (
    <section key={section.id} className="observe-section" aria-label={section.title}>
      <h2>{section.title}</h2>
      <p className="faint">{section.explains}</p>
      <div className="chart-grid">
        {panels.panels
          .filter((panel) => panel.section === section.id)
          .map((panel) => (
            <ChartPanel
              key={panel.id}
              info={panel}
              series={series?.panels.find(({ id }) => id === panel.id)?.series ?? null}
              times={times}
              span={span}
              promqlUrl={prometheusUrl(panels.prometheus_port, panel.promql)}
              onZoom={onZoom}
            />
          ))}
      </div>
    </section>
  ));
}

export default function ObservabilityPage() {
  const { query, ignored, go } = usePageQuery(ADDRESS);
  const availability = useAvailability();
  const incidents = useIncidents();
  const budget = useBudget(query);
  const alerts = useAlerts();
  const objectives = useObjectives();
  const targets = useTargets();
  const panels = usePanels();
  const series = useSeries(query);
  return (
    <div className="page observe">
      <title>Observability · Tier-0</title>
      <h1 className="visually-hidden">Observability</h1>
      <IgnoredNotice ignored={ignored} />
      <FailureNotice title="The ledger cannot be read" answers={[availability, incidents, budget]} />
      <FailureNotice title="Metrics cannot be read" answers={[alerts, objectives, targets, panels, series]} />
      <PromiseTotals availability={availability.data} alerts={alerts.data} targets={targets.data} />
      <div className="observe-top">
        <BudgetPanel availability={availability.data} timeline={budget.data} />
        <div className="observe-side">
          <AlertsPanel alerts={alerts.data?.alerts ?? null} />
          <ObjectivesPanel objectives={objectives.data?.objectives ?? []} />
        </div>
      </div>
      <IncidentsPanel body={incidents.data} />
      <RangeBar query={query} go={go} />
      {panels.data === null ? null : (
        <Sections panels={panels.data} series={series.data} onZoom={(zoom) => go({ ...query, zoom })} />
      )}
      <TargetsPanel targets={targets.data?.targets ?? []} />
    </div>
  );
}
