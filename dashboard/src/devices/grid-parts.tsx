/**
 * Cells of the device grid. A table cannot hold 100,000 rows of which forty are drawn and placed by transform,
 * and the grid keeps the focus itself (aria-activedescendant), so the roles stand on plain elements.
 */
import type { ReactNode } from 'react';

export function Cell({ kind, children }: { kind: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the head of the file.
    // biome-ignore lint/a11y/useFocusableInteractive: the grid has the focus.
    <span role="gridcell" className={`cell cell-${kind}`}>
      {children}
    </span>
  );
}

export function HeadCell({ kind, children }: { kind: string; children: ReactNode }) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: see the head of the file.
    // biome-ignore lint/a11y/useFocusableInteractive: the list is not sorted by its headings.
    <span role="columnheader" className={`cell cell-${kind}`}>
      {children}
    </span>
  );
}
