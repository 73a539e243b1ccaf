import { useState } from 'react';
import type { DrillRun } from '../../../src/lib/control-schemas.ts';
import { formatCount } from '../lib/format.ts';
import { Wrong } from './drills-panel.tsx';
import { ledgerSentence, ledgerTotal, worstRun } from './ledger.ts';
import { OutageTimeline } from './outage-timeline.tsx';
import { formatMeasured } from './steps.ts';

/** Timelines of more runs than this at once would make the page slow, and nobody reads them. */
const ALL_RUNS = 50;
/** Runs that are listed; the JSON has all of them. */
const LISTED_RUNS = 200;

function RunDetails({ run }: { run: DrillRun }) {
  const ledger = ledgerTotal(run.writes, run.telemetry);
  return (
    <div className="run-details">
      <OutageTimeline steps={run.timeline} elapsed_ms={null} label={`Run ${run.run}`} />
      <p className="faint">
        {ledgerSentence(ledger)}
        {ledger.recovered === 0
          ? ''
          : `, ${formatCount(ledger.recovered)} stored although no acknowledgement arrived`}
        {' · '}
        {formatCount(run.requests.sent)} writes sent, {formatCount(run.requests.held)} held, worst{' '}
        {formatMeasured(run.requests.worst_ms)}
        {run.telemetry_outage_ms === null
          ? ''
          : ` · telemetry after ${formatMeasured(run.telemetry_outage_ms)}`}
      </p>
    </div>
  );
}

function Run({ run, open, onToggle }: { run: DrillRun; open: boolean; onToggle: () => void }) {
  const ledger = ledgerTotal(run.writes, run.telemetry);
  const moved = run.leader_before !== run.leader_after;
  return (
    <li className="run">
      <button type="button" className="run-row" aria-expanded={open} onClick={onToggle}>
        <span className="twisty" aria-hidden="true" />
        <span className="run-no">Run {run.run}</span>
        <span className="run-outage">{formatMeasured(run.outage_ms)}</span>
        <span className="run-way">
          {moved ? `${run.leader_before} → ${run.leader_after}` : `${run.leader_after} stays`}
        </span>
        <span className="run-epoch">
          epoch{' '}
          {run.epoch_before === run.epoch_after
            ? run.epoch_after
            : `${run.epoch_before} → ${run.epoch_after}`}
        </span>
        <span className="run-rejoin">strict again {formatMeasured(run.rejoin_ms)}</span>
        <span className="run-solo">solo {formatMeasured(run.solo_ms)}</span>
        <span className="run-ledger">
          lost <Wrong count={ledger.lost} /> · doubled <Wrong count={ledger.duplicated} /> · failed{' '}
          <Wrong count={run.requests.failed} />
        </span>
      </button>
      {run.complaint === null ? null : <p className="run-complaint tone-alert">◆ {run.complaint}</p>}
      {open ? <RunDetails run={run} /> : null}
    </li>
  );
}

/** All runs of a drill; at first the one to look at is open. */
export function DrillRuns({ runs }: { runs: readonly DrillRun[] }) {
  const [open, setOpen] = useState<ReadonlySet<number>>(() => {
    const worst = worstRun(runs);
    return new Set(worst === null ? [] : [worst.run]);
  });
  const toggle = (no: number) => {
    const next = new Set(open);
    if (!next.delete(no)) next.add(no);
    setOpen(next);
  };
  const all = open.size === runs.length;
  return (
    <section className="report-part" aria-label="Runs">
      <div className="runs-head">
        <h2>Runs</h2>
        {runs.length > 1 && runs.length <= ALL_RUNS ? (
          <button
            type="button"
            className="button"
            onClick={() => setOpen(new Set(all ? [] : runs.map(({ run }) => run)))}
          >
            {all ? 'Close all timelines' : 'Open all timelines'}
          </button>
        ) : null}
        {runs.length > LISTED_RUNS ? (
          <span className="faint">
            the first {LISTED_RUNS} of {formatCount(runs.length)}; the JSON has all
          </span>
        ) : null}
      </div>
      <ol className="run-list">
        {runs.slice(0, LISTED_RUNS).map((run) => (
          <Run key={run.run} run={run} open={open.has(run.run)} onToggle={() => toggle(run.run)} />
        ))}
      </ol>
    </section>
  );
}
