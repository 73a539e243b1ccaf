import type { LogsBody } from '../../../src/api/log-schemas.ts';
import { formatCount } from '../lib/format.ts';
import { Pager } from '../shell/pager.tsx';
import { PlaceholderRows } from '../shell/placeholder-rows.tsx';
import { COLUMNS, EntryRow } from './entry-row.tsx';
import { lastPage, PAGE_ROWS, PAGES_MAX } from './log-query.ts';
import { TAIL_WORDS, type TailState } from './tail-state.ts';

const PLACEHOLDERS = 12;

function rangeWords(body: LogsBody): string {
  const total = `${body.total_is_minimum ? 'more than ' : ''}${formatCount(body.total)}`;
  if (body.logs.length === 0) return `${total} requests`;
  return `${formatCount(body.offset + 1)}–${formatCount(body.offset + body.logs.length)} of ${total}`;
}

function TailSwitch({ tail, onToggle }: { tail: TailState; onToggle: () => void }) {
  return (
    <span className="tail">
      <button
        type="button"
        role="switch"
        className="switch"
        aria-checked={tail === 'live'}
        disabled={tail === 'ended' || tail === 'paused'}
        onClick={onToggle}
      >
        <span className="switch-track" aria-hidden="true" />
        Live
      </button>
      <span className="faint">{TAIL_WORDS[tail]}</span>
    </span>
  );
}

function EntryPages({
  body,
  page,
  onPage,
}: {
  body: LogsBody;
  page: number;
  onPage: (page: number) => void;
}) {
  return (
    <Pager
      label="Pages of entries"
      steps={['Newest', 'Newer', 'Older']}
      page={page}
      last={lastPage(body.total)}
      onPage={onPage}
    >
      {page >= PAGES_MAX && body.total_is_minimum ? (
        <span className="faint">
          Pages end after {formatCount(PAGES_MAX * PAGE_ROWS)} entries; narrow the time.
        </span>
      ) : null}
    </Pager>
  );
}

function Head() {
  return (
    <thead>
      <tr>
        <th scope="col" className="cell-time">
          Time, UTC
        </th>
        <th scope="col" className="cell-wide cell-address">
          Address
        </th>
        <th scope="col" className="cell-method">
          Method
        </th>
        <th scope="col" className="cell-path">
          Path
        </th>
        <th scope="col" className="cell-status">
          Status
        </th>
        <th scope="col" className="num cell-wide cell-size">
          Size
        </th>
        <th scope="col" className="num cell-wide cell-duration">
          Duration
        </th>
      </tr>
    </thead>
  );
}

/** The entries, newest first, one page of them. */
export function EntriesPanel(props: {
  body: LogsBody | null;
  outdated: boolean;
  page: number;
  tail: TailState;
  openId: string | null;
  onOpen: (id: string | null) => void;
  onTail: () => void;
  onPage: (page: number) => void;
  onAddress: (address: string) => void;
}) {
  const { body, outdated, page, tail, openId, onOpen, onTail, onPage, onAddress } = props;
  return (
    <section className="panel entries" aria-label="Requests" aria-busy={outdated}>
      <header className="panel-head">
        <h2>Requests</h2>
        <output className="entries-total">{body === null ? '–' : rangeWords(body)}</output>
        <TailSwitch tail={tail} onToggle={onTail} />
      </header>
      <div className="table-place">
        <table className="table table-entries">
          <caption className="visually-hidden">Requests, newest first</caption>
          <Head />
          <tbody>
            {body === null ? (
              <PlaceholderRows rows={PLACEHOLDERS} columns={COLUMNS} />
            ) : (
              body.logs.map((entry) => (
                <EntryRow
                  key={entry.id}
                  entry={entry}
                  open={entry.id === openId}
                  onToggle={() => onOpen(entry.id === openId ? null : entry.id)}
                  onAddress={onAddress}
                />
              ))
            )}
          </tbody>
        </table>
      </div>
      {body === null ? null : <EntryPages body={body} page={page} onPage={onPage} />}
    </section>
  );
}
