import { Choice, Segments, TypedField } from '../shell/fields.tsx';
import { Filters, SiteChoice } from '../shell/filters.tsx';
import { isFiltered, LIMITS_CHARS, REGIONS, type UserQuery } from './user-query.ts';

const STATUS_OPTIONS = [
  { value: null, label: 'Any' },
  { value: 'active', label: 'Active' },
  { value: 'idle', label: 'Idle' },
] as const;
const REGION_OPTIONS = REGIONS.map((region) => ({ value: region, label: region }));

/** Everything that narrows the list of sessions; one button undoes it all. */
export function UserFilters(props: {
  query: UserQuery;
  onNarrow: (changes: Partial<UserQuery>) => void;
  onClear: () => void;
}) {
  const { query, onNarrow, onClear } = props;
  return (
    <Filters
      label="Filter the sessions"
      className="user-filters"
      filtered={isFiltered(query)}
      onClear={onClear}
    >
      <TypedField
        label="Search in user name, id and address"
        placeholder="Search name, id, address"
        className="field-search"
        limit_chars={LIMITS_CHARS.search}
        value={query.search ?? ''}
        onText={(search) => onNarrow({ search: search || null })}
      />
      <Segments
        legend="Status"
        options={STATUS_OPTIONS}
        value={query.status}
        onPick={(status) => onNarrow({ status })}
      />
      <Choice
        label="Region"
        all="All regions"
        value={query.region}
        options={REGION_OPTIONS}
        onPick={(picked) => onNarrow({ region: REGIONS.find((region) => region === picked) ?? null })}
      />
      <SiteChoice value={query.site} onPick={(site) => onNarrow({ site })} />
    </Filters>
  );
}
