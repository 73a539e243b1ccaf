import type { StatusBody } from '../../../src/lib/control-schemas.ts';
import { wallMs } from '../lib/clock.ts';
import { formatAge, formatDateTime, formatMs } from '../lib/format.ts';
import { useBeat } from '../live/ticker.ts';
import { protection } from './cluster-state.ts';

function Figure(props: { name: string; value: string; note: string; tone?: 'warn' | 'alert' | undefined }) {
  const mark = props.tone === undefined ? '' : { warn: '▲ ', alert: '◆ ' }[props.tone];
  return (
    <div className="figure">
      <dt>{props.name}</dt>
      <dd className={`figure-value${props.tone === undefined ? '' : ` tone-${props.tone}`}`}>
        {mark}
        {props.value}
      </dd>
      <dd className="figure-note">{props.note}</dd>
    </div>
  );
}

const PHASES = {
  bootstrapping: 'starting',
  serving: 'serving',
  handing_over: 'handing over',
  promoting: 'promoting',
} as const;

function RecordFigures({ record }: { record: NonNullable<StatusBody['record']> }) {
  const since_ms = Date.parse(record.since);
  const age = useBeat(() => formatAge(Math.max(0, (wallMs() - since_ms) / 1000)));
  const solo = record.mode === 'solo';
  return (
    <>
      <Figure name="Leader" value={record.leader} note={PHASES[record.phase]} />
      <Figure name="Epoch" value={String(record.epoch)} note={`for ${age}`} />
      <Figure
        name="Mode"
        value={record.mode}
        tone={solo ? 'warn' : undefined}
        note={solo ? 'one copy' : 'two copies'}
      />
      <Figure
        name="Sync set"
        value={record.sync_set.length === 0 ? 'empty' : record.sync_set.join(', ')}
        tone={record.sync_set.length === 0 ? 'warn' : undefined}
        note="may take over"
      />
    </>
  );
}

/** The record in figures, and what it means. */
export function ClusterFacts({ status }: { status: StatusBody }) {
  const { record, paused, view, view_age_ms, region } = status;
  return (
    <section className="panel cluster-facts" aria-label="Cluster record">
      <dl className="figures">
        {record === null ? (
          <Figure name="Leader" value="nobody" tone="alert" note="no record" />
        ) : (
          <RecordFigures record={record} />
        )}
        <Figure
          name="Automation"
          value={paused === null ? 'on' : 'paused'}
          tone={paused === null ? undefined : 'warn'}
          note={paused === null ? 'takes over by itself' : paused.reason}
        />
        <Figure
          name="View"
          value={view}
          tone={view === 'stale' ? 'alert' : undefined}
          note={`${region}, ${view_age_ms === null ? 'never confirmed' : `${formatMs(view_age_ms)} old`}`}
        />
      </dl>
      <div className="cluster-words">
        <p className="cluster-message">{status.message}</p>
        <p className="faint">{protection(status)}</p>
        {record === null ? null : (
          <p className="faint">
            Since {formatDateTime(record.since)} UTC: {record.reason}
          </p>
        )}
      </div>
    </section>
  );
}
