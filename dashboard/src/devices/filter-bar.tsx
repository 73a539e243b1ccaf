import { useEffect, useId, useRef, useState } from 'react';
import type { SitesBody } from '../../../src/api/schemas.ts';
import { DEVICE_TYPES } from '../../../src/lib/fleet.ts';
import { after } from '../lib/clock.ts';
import { formatCount } from '../lib/format.ts';
import { STATE_LABELS, StateGlyph } from '../shell/state-glyph.tsx';
import { EMPTY_QUERY, isFiltered, LIVE_STATES, type ListQuery, SEARCH_LIMIT_CHARS } from './list-query.ts';

const TYPING_PAUSE_MS = 200;

type Change = (query: ListQuery) => void;

/** Types at once, filters once the typing pauses. */
function Search({ query, onChange }: { query: ListQuery; onChange: Change }) {
  const [text, setText] = useState(query.search);
  const pending = useRef<(() => void) | null>(null);
  const id = useId();
  useEffect(() => {
    if (pending.current === null) setText(query.search);
  }, [query.search]);
  useEffect(() => () => pending.current?.(), []);
  const type = (value: string) => {
    setText(value);
    pending.current?.();
    pending.current = after(TYPING_PAUSE_MS, () => {
      pending.current = null;
      onChange({ ...query, search: value.trim() });
    });
  };
  return (
    <div className="field field-search">
      <label htmlFor={id} className="visually-hidden">
        Search device ids
      </label>
      <input
        id={id}
        type="search"
        placeholder="Search device id"
        autoComplete="off"
        spellCheck={false}
        maxLength={SEARCH_LIMIT_CHARS}
        value={text}
        onChange={(event) => type(event.target.value)}
      />
    </div>
  );
}

function Choice(props: {
  label: string;
  value: string | null;
  options: readonly { value: string; label: string }[];
  onPick: (value: string | null) => void;
}) {
  const { value, options } = props;
  const listed = value === null || options.some((option) => option.value === value);
  return (
    <label className="field">
      <span className="visually-hidden">{props.label}</span>
      <select value={value ?? ''} onChange={(event) => props.onPick(event.target.value || null)}>
        <option value="">All {props.label.toLowerCase()}s</option>
        {listed ? null : <option value={value}>{value}</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </label>
  );
}

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
      <Search query={query} onChange={onChange} />
      <Choice
        label="Site"
        value={query.site}
        options={siteOptions}
        onPick={(site) => onChange({ ...query, site })}
      />
      <Choice
        label="Type"
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
