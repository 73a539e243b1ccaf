import { useState } from 'react';
import { Link } from 'wouter';
import { formatBytes, formatCount, formatDateTime } from '../lib/format.ts';
import { useGet } from '../live/api.ts';
import { Fact } from '../overview/fact.tsx';
import { Notice } from '../shell/notice.tsx';
import { type DrillReport, isDrillReport } from './control-shapes.ts';
import { DrillRuns } from './drill-runs.tsx';
import { VerdictBadge } from './drills-panel.tsx';
import { faultTitle } from './faults.ts';
import { BudgetBar, LedgerTable, OutageFigures, OutagePlot } from './report-parts.tsx';
import { STEP_MEANINGS, stepLabel } from './steps.ts';

function Circumstances({ report }: { report: DrillReport }) {
  const { load, build, machine } = report;
  return (
    <dl className="facts report-facts">
      <Fact name="Started">{formatDateTime(report.started_at)} UTC</Fact>
      <Fact name="Finished">{formatDateTime(report.finished_at)} UTC</Fact>
      <Fact name="Load">
        {formatCount(load.writes_per_s)} writes/s, {formatCount(load.telemetry_per_s)} readings/s
      </Fact>
      <Fact name="Build">
        {build.version}
        {build.commit === null ? '' : ` · ${build.commit.slice(0, 10)}`} · Node {build.node}
      </Fact>
      <Fact name="Machine">
        {machine.cpus} CPUs · {formatBytes(machine.memory_bytes)} · {machine.platform}
      </Fact>
      <Fact name="Report">
        <a href={`/api/drills/${encodeURIComponent(report.id)}`}>{report.id} as JSON</a>
      </Fact>
    </dl>
  );
}

function Glossary() {
  return (
    <section className="report-part" aria-label="Steps">
      <h2>What the steps mean</h2>
      <dl className="glossary">
        {STEP_MEANINGS.map(([step, meaning]) => (
          <div key={step}>
            <dt>{stepLabel(step)}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function Report({ report }: { report: DrillReport }) {
  const { summary } = report;
  return (
    <article className="panel report" aria-labelledby="report-title">
      <header className="report-head">
        <VerdictBadge verdict={report.verdict} />
        <h1 id="report-title">{faultTitle(report.fault, report.target)}</h1>
        <p className="report-hypothesis">{report.hypothesis}</p>
        {report.complaint === null ? null : (
          <Notice tone="alert" title="What went wrong">
            {report.complaint}
          </Notice>
        )}
      </header>
      <Circumstances report={report} />
      <section className="report-part" aria-label="Outage">
        <h2>
          Outage{' '}
          <span className="faint">
            from the fault to the first good write, {formatCount(summary.runs)} runs
          </span>
        </h2>
        <OutageFigures summary={summary} />
        <OutagePlot runs={report.runs} />
      </section>
      <div className="report-pair">
        <section className="report-part" aria-label="Ledger">
          <h2>
            Ledger <span className="faint">what was acknowledged against what is stored</span>
          </h2>
          <LedgerTable summary={summary} />
        </section>
        <section className="report-part" aria-label="Requests and error budget">
          <h2>
            Requests <span className="faint">of the measuring client</span>
          </h2>
          <BudgetBar summary={summary} />
        </section>
      </div>
      <DrillRuns runs={report.runs} />
      <Glossary />
    </article>
  );
}

/** One drill in full: to read, to print, to hand on. */
export default function DrillReportPage({ id }: { id: string }) {
  const [path] = useState(`/api/drills/${encodeURIComponent(id)}`);
  const { data, error, reload } = useGet(path, isDrillReport, null);
  return (
    <div className="page report-page">
      <title>{`Drill ${id} · Tier-0`}</title>
      <nav className="report-nav" aria-label="Report">
        <Link href="/failover">← Failover</Link>
        <button type="button" className="button" disabled={data === null} onClick={() => print()}>
          Print
        </button>
      </nav>
      {error === null ? null : (
        <Notice
          tone={error.status === 404 ? 'warn' : 'alert'}
          title={error.status === 404 ? 'No such report' : 'The report cannot be read'}
          action={
            error.passing ? (
              <button type="button" className="button" onClick={reload}>
                Try again
              </button>
            ) : null
          }
        >
          {error.message}
        </Notice>
      )}
      {data === null ? null : <Report report={data} />}
    </div>
  );
}
