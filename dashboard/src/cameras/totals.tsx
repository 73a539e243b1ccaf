import type { SummaryBody } from '../../../src/vision/schemas.ts';
import { formatCount, formatShare } from '../lib/format.ts';

function Figure(props: { label: string; value: string; note: string }) {
  return (
    <div className="total">
      <span className="total-label">{props.label}</span>
      <span className="total-value">{props.value}</span>
      <span className="total-note">{props.note || '\u00a0'}</span>
    </div>
  );
}

function worn({ yes, no, unknown }: { yes: number; no: number; unknown: number }): {
  value: string;
  note: string;
} {
  const known = yes + no;
  return {
    value: known === 0 ? '–' : formatShare(yes, known),
    note: `${formatCount(no)} without, ${formatCount(unknown)} unknown`,
  };
}

/** Everybody that cameras saw, whatever the filter. */
export function CameraTotals({ summary }: { summary: SummaryBody | null }) {
  const all = summary?.all ?? null;
  const score = all?.avg_compliance ?? null;
  const none = { value: '–', note: '' };
  return (
    <section className="panel totals totals-cameras" aria-label="All photos">
      <Figure
        label="Compliance"
        value={score === null ? '–' : `${Math.round(score)}`}
        note={all === null ? '' : `of 100, over ${formatCount(all.scored)} photos`}
      />
      <Figure
        label="Photos with violations"
        value={all === null ? '–' : formatCount(all.violations)}
        note={all === null ? '' : `of ${formatCount(all.images)}; ${formatCount(all.people)} people`}
      />
      <Figure label="Hard hats" {...(all === null ? none : worn(all.hard_hat))} />
      <Figure label="Safety vests" {...(all === null ? none : worn(all.vest))} />
      <Figure label="Inspection equipment" {...(all === null ? none : worn(all.equipment))} />
    </section>
  );
}
