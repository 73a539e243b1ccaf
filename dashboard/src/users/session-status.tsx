/** Active is a full circle, idle an empty one, so that no one depends on telling the colours apart. */
export function SessionMark({ status }: { status: string }) {
  return <span className={`session-mark session-mark-${status}`} aria-hidden="true" />;
}

export function SessionBadge({ status }: { status: string }) {
  return (
    <span className={`badge session-badge ${status === 'active' ? 'badge-ok' : ''}`}>
      <SessionMark status={status} />
      {status}
    </span>
  );
}
