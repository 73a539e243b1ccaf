import { useEffect, useRef } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { RejectsBody } from '../../../src/api/schemas.ts';
import { formatCount, formatDateTime } from '../lib/format.ts';
import { useGet } from '../live/api.ts';
import { useLive } from '../live/live-control.ts';
import { isRejects } from '../live/shapes.ts';
import { Notice } from '../shell/notice.tsx';

const LIMIT = 200;
const REFRESH_S = 5;

function RejectItem({
  reject,
  onReason,
}: {
  reject: RejectsBody['rejects'][number];
  onReason: (reason: string) => void;
}) {
  return (
    <li className="reject">
      <div className="reject-head">
        <button type="button" className="badge badge-button" onClick={() => onReason(reject.reason)}>
          {reject.reason}
        </button>
        {reject.field === null ? null : <code className="reject-field">{reject.field}</code>}
        <span className="faint">
          {reject.region} · {formatDateTime(reject.received_at)} UTC
        </span>
      </div>
      <code className="reject-topic">{reject.topic}</code>
      <pre className="reject-payload">{reject.payload === '' ? '(empty)' : reject.payload}</pre>
    </li>
  );
}

function RejectList({ path, onReason }: { path: string; onReason: (reason: string) => void }) {
  const live = useLive();
  const { data, error } = useGet(path, isRejects, live ? REFRESH_S : null);
  return (
    <>
      {error === null ? null : (
        <Notice tone="alert" title="Rejects cannot be read">
          {error.message}
        </Notice>
      )}
      {data === null ? null : (
        <p className="drawer-note" role="status">
          {data.total === 0
            ? 'No reading was rejected.'
            : `Newest ${formatCount(data.rejects.length)} of ${formatCount(data.total)} kept`}
        </p>
      )}
      <ul className="rejects">
        {data?.rejects.map((reject, i) => (
          <RejectItem
            // biome-ignore lint/suspicious/noArrayIndexKey: a reject has no id, and two may be equal in every field.
            key={`${reject.received_at} ${reject.topic} ${i}`}
            reject={reject}
            onReason={onReason}
          />
        ))}
      </ul>
    </>
  );
}

/** Recent rejects with reason, field and excerpt; open while the address says `?panel=rejects`. */
export function RejectsDrawer() {
  const dialog = useRef<HTMLDialogElement>(null);
  const [, navigate] = useLocation();
  const reason = new URLSearchParams(useSearch()).get('reason');
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  const close = () => navigate('/');
  const pick = (name: string | null) =>
    navigate(name === null ? '/?panel=rejects' : `/?panel=rejects&reason=${encodeURIComponent(name)}`, {
      replace: true,
    });
  const filter = reason === null ? '' : `&reason=${encodeURIComponent(reason)}`;
  return (
    <dialog ref={dialog} className="drawer" aria-label="Recent rejects" onClose={close} closedby="any">
      <header className="panel-head drawer-head">
        <h2>Recent rejects</h2>
        {reason === null ? null : (
          <button type="button" className="badge badge-button" onClick={() => pick(null)}>
            {reason} ✕<span className="visually-hidden"> remove filter</span>
          </button>
        )}
        <button type="button" className="button" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </header>
      <div className="drawer-body">
        <RejectList path={`/api/rejects?limit=${LIMIT}${filter}`} onReason={pick} />
      </div>
    </dialog>
  );
}
