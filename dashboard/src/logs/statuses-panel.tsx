import type { StatusesBody } from '../../../src/api/log-schemas.ts';
import { formatCount, formatShare } from '../lib/format.ts';
import { ShareBar } from './share-bar.tsx';
import { StatusBadge } from './status-badge.tsx';

/** Requests by status; a click keeps only that status. */
export function StatusesPanel(props: {
  body: StatusesBody | null;
  outdated: boolean;
  onStatus: (status: string) => void;
}) {
  const { body, outdated, onStatus } = props;
  const total = body?.statuses.reduce((all, { requests }) => all + requests, 0) ?? 0;
  return (
    <section className="panel" aria-label="Requests by status" aria-busy={outdated}>
      <header className="panel-head">
        <h2>By status</h2>
        <span className="panel-note">{body === null ? '' : `${formatCount(total)} requests`}</span>
      </header>
      {body === null ? <p className="faint">–</p> : null}
      {body?.statuses.length === 0 ? <p className="faint">No request.</p> : null}
      <ul className="status-list">
        {body?.statuses.map(({ status_code, requests }) => (
          <li key={status_code}>
            <button type="button" className="status-row" onClick={() => onStatus(String(status_code))}>
              <StatusBadge status={status_code} />
              <ShareBar share={requests / total} />
              <span className="status-count">{formatCount(requests)}</span>
              <span className="status-share faint">{formatShare(requests, total)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
