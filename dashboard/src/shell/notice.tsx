import type { ReactNode } from 'react';

/** A message that stands where content would, or above content that is no longer current. */
export function Notice(props: {
  tone: 'info' | 'warn' | 'alert';
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}) {
  const mark = { info: 'i', warn: '▲', alert: '◆' }[props.tone];
  return (
    <div className={`notice notice-${props.tone}`} role={props.tone === 'alert' ? 'alert' : 'status'}>
      <span className="notice-mark" aria-hidden="true">
        {mark}
      </span>
      <div className="notice-text">
        <strong>{props.title}</strong>
        {props.children === undefined ? null : <div>{props.children}</div>}
      </div>
      {props.action}
    </div>
  );
}

/** Names the parts of the address that a page could not understand. */
export function IgnoredNotice({ ignored }: { ignored: readonly string[] }) {
  if (ignored.length === 0) return null;
  return (
    <Notice tone="info" title="Part of the address was ignored">
      {ignored.join(', ')}
    </Notice>
  );
}
