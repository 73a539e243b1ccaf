import { useState } from 'react';
import type { HistoryRow } from '../../../src/lib/control-schemas.ts';
import { formatDateTime } from '../lib/format.ts';
import { OutageTimeline } from './outage-timeline.tsx';
import { rowSequence } from './sequence.ts';
import { formatMeasured } from './steps.ts';

const OUTCOMES = {
  completed: '',
  abandoned: '▲ abandoned',
  running: '● running',
} as const;

const SHOWN = 8;

function Operation({ row }: { row: HistoryRow }) {
  const [open, setOpen] = useState(false);
  const timed = Object.keys(row.marks).length > 1;
  const moved = row.from !== null && row.from !== row.leader;
  const what = (
    <>
      <span className="operation-kind">{row.kind}</span>
      <span className="operation-way">{moved ? `${row.from} → ${row.leader}` : row.leader}</span>
    </>
  );
  return (
    <li className="operation">
      <div className="operation-row">
        {timed ? (
          <button
            type="button"
            className="operation-toggle"
            aria-expanded={open}
            onClick={() => setOpen((was) => !was)}
          >
            <span className="twisty" aria-hidden="true" />
            {what}
          </button>
        ) : (
          <span className="operation-toggle operation-plain">{what}</span>
        )}
        <span className="operation-epoch">epoch {row.epoch}</span>
        <span className="operation-took">
          {row.duration_ms === null ? '' : formatMeasured(row.duration_ms)}
        </span>
        <span className="operation-reason">
          {OUTCOMES[row.outcome] === '' ? null : (
            <span className={row.outcome === 'abandoned' ? 'tone-warn' : undefined}>
              {OUTCOMES[row.outcome]} ·{' '}
            </span>
          )}
          {row.reason}
        </span>
        <time className="operation-at" dateTime={row.at}>
          {formatDateTime(row.at)}
        </time>
      </div>
      {open ? (
        <OutageTimeline steps={rowSequence(row).steps} elapsed_ms={null} label={rowSequence(row).title} />
      ) : null}
    </li>
  );
}

/** Changes of leader and of mode, newest first; those with marks open to their timeline. */
export function OperationsPanel({ rows }: { rows: readonly HistoryRow[] | null }) {
  const [all, setAll] = useState(false);
  const shown = all ? (rows ?? []) : (rows ?? []).slice(0, SHOWN);
  return (
    <section className="panel operations" aria-label="Operations">
      <header className="panel-head">
        <h2>Changes of leader and mode</h2>
        <span className="panel-note">newest first · UTC</span>
      </header>
      {rows !== null && rows.length === 0 ? (
        <p className="faint">Nothing has changed since the start.</p>
      ) : null}
      <ol className="operation-list">
        {shown.map((row) => (
          <Operation key={row.id} row={row} />
        ))}
      </ol>
      {(rows?.length ?? 0) > SHOWN ? (
        <button type="button" className="button" aria-expanded={all} onClick={() => setAll((was) => !was)}>
          {all ? 'Show fewer' : `Show all ${rows?.length}`}
        </button>
      ) : null}
    </section>
  );
}
