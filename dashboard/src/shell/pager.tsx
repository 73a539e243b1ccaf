import type { ReactNode } from 'react';
import { formatCount } from '../lib/format.ts';

/** Steps through pages (from 1); nothing where there is only one. `steps`: what first, previous and next are called. */
export function Pager(props: {
  label: string;
  steps: readonly [first: string, previous: string, next: string];
  page: number;
  last: number;
  onPage: (page: number) => void;
  children?: ReactNode;
}) {
  const { page, last, onPage } = props;
  const [first, previous, next] = props.steps;
  if (last === 1 && page === 1) return null;
  return (
    <nav className="pager" aria-label={props.label}>
      <button type="button" className="button" disabled={page === 1} onClick={() => onPage(1)}>
        {first}
      </button>
      <button
        type="button"
        className="button"
        disabled={page === 1}
        onClick={() => onPage(Math.min(page - 1, last))}
      >
        {previous}
      </button>
      <span>
        page {formatCount(page)} of {formatCount(last)}
      </span>
      <button type="button" className="button" disabled={page >= last} onClick={() => onPage(page + 1)}>
        {next}
      </button>
      {props.children}
    </nav>
  );
}
