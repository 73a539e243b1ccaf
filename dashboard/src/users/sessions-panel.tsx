import type { ReactNode } from 'react';
import type { UsersBody } from '../../../src/api/user-schemas.ts';
import { formatCount } from '../lib/format.ts';
import { Pager } from '../shell/pager.tsx';
import { PlaceholderRows } from '../shell/placeholder-rows.tsx';
import { COLUMNS, SessionHead, SessionRow } from './session-row.tsx';
import { presenceOf } from './user-figures.ts';
import { lastPage } from './user-query.ts';

const PLACEHOLDERS = 12;

function rangeWords({ matching, total_sessions, offset, sessions }: UsersBody): string {
  const of = matching === total_sessions ? 'open' : `that match, of ${formatCount(total_sessions)} open`;
  if (sessions.length === 0) return `${formatCount(matching)} ${of}`;
  return `${formatCount(offset + 1)}–${formatCount(offset + sessions.length)} of ${formatCount(matching)} ${of}`;
}

/** Stands where the sessions would when there are none. */
function NoSessions({
  body,
  onClear,
  onPage,
}: {
  body: UsersBody;
  onClear: () => void;
  onPage: (page: number) => void;
}) {
  if (body.matching > 0) {
    return (
      <div className="list-empty">
        <strong>This page is empty by now.</strong>
        <p className="empty-actions">
          <button type="button" className="button" onClick={() => onPage(lastPage(body.matching))}>
            Go to the last page
          </button>
        </p>
      </div>
    );
  }
  switch (presenceOf(body)) {
    case 'silent':
      return (
        <div className="list-empty">
          <strong>Nobody is on yet.</strong>
          <p>
            No session is open, and no site has reported for two minutes. Reports come through the queue,
            which joins last after a start; the page shows them as soon as they are there.
          </p>
        </div>
      );
    case 'reports':
      return (
        <div className="list-empty">
          <strong>Nobody is on.</strong>
          <p>The sites report, but no session is open.</p>
        </div>
      );
    case 'on':
    case 'unreported':
      return (
        <div className="list-empty">
          <strong>No session matches.</strong>
          <p>{formatCount(body.total_sessions)} sessions are open.</p>
          <p className="empty-actions">
            <button type="button" className="button" onClick={onClear}>
              Clear all filters
            </button>
          </p>
        </div>
      );
  }
}

/** The open sessions, newest login first, one page of them; `filters` stand above the list. */
export function SessionsPanel(props: {
  body: UsersBody | null;
  offset_ms: number;
  outdated: boolean;
  page: number;
  filters: ReactNode;
  onPage: (page: number) => void;
  onClear: () => void;
}) {
  const { body, offset_ms, outdated, page, filters, onPage, onClear } = props;
  return (
    <section className="panel sessions" aria-label="Open sessions">
      <header className="panel-head">
        <h2>Open sessions</h2>
        <output className="entries-total">{body === null ? '–' : rangeWords(body)}</output>
      </header>
      {filters}
      <div className="sessions-list" aria-busy={outdated}>
        {body?.sessions.length === 0 ? (
          <NoSessions body={body} onClear={onClear} onPage={onPage} />
        ) : (
          <div className="table-place">
            <table className="table table-sessions">
              <caption className="visually-hidden">Open sessions, newest login first</caption>
              <SessionHead />
              <tbody>
                {body === null ? (
                  <PlaceholderRows rows={PLACEHOLDERS} columns={COLUMNS} />
                ) : (
                  body.sessions.map((session) => (
                    <SessionRow key={session.session_id} session={session} offset_ms={offset_ms} />
                  ))
                )}
              </tbody>
            </table>
          </div>
        )}
      </div>
      {body === null ? null : (
        <Pager
          label="Pages of sessions"
          steps={['Newest', 'Newer', 'Older']}
          page={page}
          last={lastPage(body.matching)}
          onPage={onPage}
        />
      )}
    </section>
  );
}
