/** The bar of what narrows a page, and fields that several of them have. */
import type { ReactNode } from 'react';
import { SITES } from '../../../src/lib/fleet.ts';
import { Choice } from './fields.tsx';

const SITE_OPTIONS = SITES.map(({ id, place }) => ({ value: id, label: `${id} · ${place}` }));

/** Everything that narrows a page; one button undoes it all. */
export function Filters(props: {
  label: string;
  className: string;
  filtered: boolean;
  onClear: () => void;
  children: ReactNode;
}) {
  return (
    <search className={`filters ${props.className}`} aria-label={props.label}>
      {props.children}
      <button type="button" className="button" disabled={!props.filtered} onClick={props.onClear}>
        Clear all
      </button>
    </search>
  );
}

export function SiteChoice(props: { value: string | null; onPick: (site: string | null) => void }) {
  return <Choice label="Site" all="All sites" options={SITE_OPTIONS} {...props} />;
}
