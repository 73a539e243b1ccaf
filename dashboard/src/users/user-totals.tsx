import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { UsersBody } from '../../../src/api/user-schemas.ts';
import { formatCount, formatMs, formatShare } from '../lib/format.ts';
import { address } from '../lib/search-params.ts';
import { SessionMark } from './session-status.tsx';
import { meanLatencyMs } from './user-figures.ts';
import { formatUserQuery, narrowed, type UserQuery } from './user-query.ts';

/** The note keeps its line while there is none, so that nothing moves when it comes. */
function Figure(props: { label: ReactNode; value: string; note: string }) {
  return (
    <>
      <span className="total-label">{props.label}</span>
      <span className="total-value">{props.value}</span>
      <span className="total-note">{props.note || '\u00a0'}</span>
    </>
  );
}

/** Everybody, whatever the filter; the first three figures lead to the sessions behind them. */
export function UserTotals({ body, query }: { body: UsersBody | null; query: UserQuery }) {
  const count = (n: number | undefined) => (n === undefined ? '–' : formatCount(n));
  const share = (n: number | undefined) =>
    body === null || n === undefined || body.total_sessions === 0
      ? ''
      : `${formatShare(n, body.total_sessions)} of open`;
  const to = (status: UserQuery['status']) => address('/users', formatUserQuery(narrowed(query, { status })));
  const sites = body?.sites.length ?? 0;
  const latency_ms = meanLatencyMs(body?.sites ?? []);
  const from = (words: string) => (sites === 0 ? 'no site reports' : `${words} ${formatCount(sites)} sites`);
  return (
    <section className="panel totals totals-users" aria-label="Users">
      <Link className="total" href={to('active')}>
        <Figure
          label={
            <>
              <SessionMark status="active" /> Active users
            </>
          }
          value={count(body?.active_users)}
          note={share(body?.active_users)}
        />
      </Link>
      <Link className="total" href={to('idle')}>
        <Figure
          label={
            <>
              <SessionMark status="idle" /> Idle users
            </>
          }
          value={count(body?.idle_users)}
          note={share(body?.idle_users)}
        />
      </Link>
      <Link className="total" href={to(null)}>
        <Figure label="Open sessions" value={count(body?.total_sessions)} note="active or idle" />
      </Link>
      <div className="total">
        <Figure
          label="Connections"
          value={sites === 0 ? '–' : count(body?.active_connections)}
          note={body === null ? '' : from('at')}
        />
      </div>
      <div className="total">
        <Figure
          label="Mean latency"
          value={latency_ms === null ? '–' : formatMs(latency_ms)}
          note={body === null ? '' : from('of')}
        />
      </div>
    </section>
  );
}
