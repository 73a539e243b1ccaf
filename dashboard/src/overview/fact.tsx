import type { ReactNode } from 'react';

/** One named figure in a `dl`. A tone adds a mark as well as a colour. */
export function Fact(props: {
  name: string;
  children: ReactNode;
  tone?: 'warn' | 'alert' | undefined;
  wide?: boolean;
}) {
  const mark = props.tone === undefined ? '' : { warn: '▲ ', alert: '◆ ' }[props.tone];
  return (
    <div className={`fact${props.wide === true ? ' fact-wide' : ''}`}>
      <dt>{props.name}</dt>
      <dd className={props.tone === undefined ? undefined : `tone-${props.tone}`}>
        {mark}
        {props.children}
      </dd>
    </div>
  );
}
