import { Link } from 'wouter';
import { OutageTimeline } from './outage-timeline.tsx';
import type { Sequence } from './sequence.ts';
import { formatMeasured, stepLabel } from './steps.ts';

/** Says each step as it comes; another event starts another log. */
function StepLog({ sequence }: { sequence: Sequence }) {
  return (
    <div key={sequence.id} className="visually-hidden" role="log" aria-live="polite" aria-label="Steps">
      {sequence.running ? <p>{sequence.title} has begun</p> : null}
      {sequence.steps.map(({ step, after_ms }) => (
        <p key={step}>
          {stepLabel(step)} after {formatMeasured(after_ms)}
        </p>
      ))}
    </div>
  );
}

/** The event that runs, step by step as it happens, or the last one. */
export function TimelinePanel({ sequence, held }: { sequence: Sequence | null; held: string | null }) {
  return (
    <section
      className={`panel timeline-panel${sequence?.running === true ? ' timeline-running' : ''}`}
      aria-label="Timeline"
    >
      <header className="panel-head">
        <h2>Timeline</h2>
        {sequence === null ? null : (
          <>
            <span className={`badge${sequence.running ? ' badge-live' : ''}`}>
              {sequence.running ? '● running' : 'last'}
            </span>
            <span className="timeline-title">{sequence.title}</span>
            {sequence.report === null ? (
              <span className="panel-note">{sequence.note}</span>
            ) : (
              <Link className="panel-link" href={`/failover/drills/${encodeURIComponent(sequence.report)}`}>
                Open the report →
              </Link>
            )}
          </>
        )}
      </header>
      {sequence === null ? (
        <p className="faint timeline-empty">
          Nothing has moved yet. A change of leader or a drill shows here, step by step, in milliseconds.
        </p>
      ) : (
        <>
          <OutageTimeline steps={sequence.steps} elapsed_ms={sequence.elapsed_ms} label={sequence.title} />
          {held === null ? null : <p className="timeline-requests">{held}</p>}
          <StepLog sequence={sequence} />
        </>
      )}
    </section>
  );
}
