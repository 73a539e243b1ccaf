import type { SitesBody } from '../../../src/api/schemas.ts';
import { DEVICE_TYPES } from '../../../src/lib/fleet.ts';
import { formatCount } from '../lib/format.ts';
import { Choice, TypedField } from '../shell/fields.tsx';
import { STATE_LABELS, StateGlyph } from '../shell/state-glyph.tsx';
import { EMPTY_QUERY, isFiltered, LIVE_STATES, type ListQuery, SEARCH_LIMIT_CHARS } from './list-query.ts';

type Change = (query: ListQuery) => void;

function StateChoice({ query, onChange }: { query: ListQuery; onChange: Change }) {
  return (
    <fieldset className="segments">
      <legend className="visually-hidden">State</legend>
      <button
        type="button"
        aria-pressed={query.state === null}
        onClick={() => onChange({ ...query, state: null })}
      >
        All
      </button>
      {LIVE_STATES.map((state) => (
        <button
          key={state}
          type="button"
          aria-pressed={query.state === state}
          onClick={() => onChange({ ...query, state: query.state === state ? null : state })}
        >
          <StateGlyph state={state} size_px={10} />
          {STATE_LABELS[state]}
        </button>
      ))}
    </fieldset>
  );
}

export function FilterBar(props: {
  query: ListQuery;
  total: number | null;
  sites: SitesBody['sites'] | null;
  onChange: Change;
}) {
  const { query, total, sites, onChange } = props;
  const siteOptions = (sites ?? []).map((site) => ({
    value: site.site_id,
    label: `${site.site_id} · ${site.place}`,
  }));
  const typeOptions = DEVICE_TYPES.map((info) => ({ value: info.type, label: info.label }));
  return (
    <search className="filters" aria-label="Filter devices">
      <TypedField
        label="Search device ids"
        placeholder="Search device id"
        className="field-search"
        limit_chars={SEARCH_LIMIT_CHARS}
        value={query.search}
        onText={(search) => onChange({ ...query, search })}
      />
      <Choice
        label="Site"
        all="All sites"
        value={query.site}
        options={siteOptions}
        onPick={(site) => onChange({ ...query, site })}
      />
      <Choice
        label="Type"
        all="All types"
        value={query.type}
        options={typeOptions}
        onPick={(type) => onChange({ ...query, type })}
      />
      <StateChoice query={query} onChange={onChange} />
      <output className="filters-total">{total === null ? '–' : `${formatCount(total)} devices`}</output>
      <button
        type="button"
        className="button"
        disabled={!isFiltered(query)}
        onClick={() => onChange(EMPTY_QUERY)}
      >
        Clear
      </button>
    </search>
  );
}
