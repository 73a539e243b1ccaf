import type { LogsBody } from '../../../src/api/log-schemas.ts';
import { formatDateTime } from '../lib/format.ts';

function NoLog() {
  return (
    <div className="list-empty">
      <strong>The access log is empty.</strong>
      <p>
        Requests to this system's own front door appear here by themselves. For a log in the combined format
        of Apache or nginx: <code>npx tier0 import logs FILE</code>
      </p>
    </div>
  );
}

/** Stands where the entries would when there are none. */
export function NoEntries(props: {
  newest: LogsBody | null;
  everything: boolean;
  onEverything: () => void;
  onClear: () => void;
}) {
  const { newest, everything, onEverything, onClear } = props;
  if (newest === null) return <div className="list-empty" aria-busy="true" />;
  const at = newest.logs[0]?.at;
  if (at === undefined) return <NoLog />;
  return (
    <div className="list-empty">
      <strong>No request matches.</strong>
      <p>The newest entry of the whole log is of {formatDateTime(at)} UTC.</p>
      <p className="empty-actions">
        {everything ? null : (
          <button type="button" className="button" onClick={onEverything}>
            Search all time
          </button>
        )}
        <button type="button" className="button" onClick={onClear}>
          Clear all filters
        </button>
      </p>
    </div>
  );
}
