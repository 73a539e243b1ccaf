import type { AvailabilityBody } from '../../../src/api/availability-schemas.ts';
import type { AlertsBody, TargetsBody } from '../../../src/api/observability-schemas.ts';
import { formatAge, formatCount } from '../lib/format.ts';
import { formatNines } from './figures.ts';

function Figure(props: { label: string; value: string; note: string; tone?: 'ok' | 'warn' | 'alert' }) {
  const mark = { ok: '', warn: '▲ ', alert: '◆ ' }[props.tone ?? 'ok'];
  return (
    <div className="total">
      <span className="total-label">{props.label}</span>
      <span className={`total-value${props.tone === undefined ? '' : ` tone-${props.tone}`}`}>
        {mark}
        {props.value}
      </span>
      <span className="total-note">{props.note || ' '}</span>
    </div>
  );
}

/** Seconds with one decimal, and a sign when more was spent than there was. */
export const formatBudget = (seconds: number): string => `${seconds.toFixed(2)} s`;

type Body<T> = { readonly body: T | null };

function Claims({ body }: Body<AvailabilityBody>) {
  const since = body?.windows.find(({ window }) => window === 'since_start');
  const atLeast = since?.at_least ?? null;
  return (
    <>
      <Figure
        label="Answered well"
        value={formatNines(since?.availability ?? null)}
        note={since === undefined ? '' : `of ${formatAge(since.observed_s)} observed`}
      />
      <Figure
        label="At best can be claimed"
        value={formatNines(since?.at_best ?? null)}
        note={atLeast === null ? '' : `at least ${formatNines(atLeast)}, 95 % certain`}
      />
    </>
  );
}

function Budget({ body }: Body<AvailabilityBody>) {
  const label = 'Budget left this year';
  if (body === null) return <Figure label={label} value="–" note="" />;
  const { left_s, per_year_s, spent_s } = body.budget;
  return (
    <Figure
      label={label}
      value={formatBudget(left_s)}
      note={`of ${formatBudget(per_year_s)}; ${spent_s} s spent`}
      tone={left_s < 0 ? 'alert' : 'ok'}
    />
  );
}

function Alerts({ body }: Body<AlertsBody>) {
  const firing = body?.alerts.filter(({ state }) => state === 'firing') ?? [];
  const pages = firing.filter(({ severity }) => severity === 'page').length;
  return (
    <Figure
      label="Alerts"
      value={body === null ? '–' : formatCount(firing.length)}
      note={firing.length === 0 ? 'none fires' : `${pages} to be woken for`}
      tone={pages > 0 ? 'alert' : firing.length > 0 ? 'warn' : 'ok'}
    />
  );
}

function Processes({ body }: Body<TargetsBody>) {
  const all = body?.targets ?? [];
  const up = all.filter((target) => target.up).length;
  return (
    <Figure
      label="Processes"
      value={body === null ? '–' : `${up} of ${all.length}`}
      note={up === all.length ? 'all answer' : `${all.length - up} do not answer`}
      tone={up === all.length ? 'ok' : 'warn'}
    />
  );
}

/** The answers first: is the promise kept, what is left, does anything need somebody. */
export function PromiseTotals(props: {
  availability: AvailabilityBody | null;
  alerts: AlertsBody | null;
  targets: TargetsBody | null;
}) {
  return (
    <section className="panel totals totals-observe" aria-label="The promise">
      <Claims body={props.availability} />
      <Budget body={props.availability} />
      <Alerts body={props.alerts} />
      <Processes body={props.targets} />
    </section>
  );
}
