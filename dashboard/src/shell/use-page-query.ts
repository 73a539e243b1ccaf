/** What a page shows, as its address says it. */
import { useMemo } from 'react';
import { useLocation } from 'wouter';
import { useSearch } from 'wouter/use-browser-location';
import { address } from '../lib/search-params.ts';

type PageQuery<Q> = {
  readonly path: string;
  readonly parse: (search: string) => { query: Q; ignored: string[] };
  /** Without a leading `?`. */
  readonly format: (query: Q) => string;
  /** Whether a step replaces the address instead of being one that the back button undoes. */
  readonly continues: (before: Q, next: Q) => boolean;
};

/** The query in the address, and steps to another one. */
export function usePageQuery<Q>({ path, parse, format, continues }: PageQuery<Q>) {
  // wouter's own useSearch decodes %25, which would make another text of a search for %20.
  const search = useSearch();
  const [, navigate] = useLocation();
  const { query, ignored } = useMemo(() => parse(search), [parse, search]);
  const go = (next: Q) => {
    const target = format(next);
    if (ignored.length === 0 && target === format(query)) return;
    navigate(address(path, target), { replace: continues(query, next) });
  };
  return { query, ignored, go };
}
