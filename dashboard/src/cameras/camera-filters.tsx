import { DEVICE_TYPES } from '../../../src/lib/fleet.ts';
import { Choice, Segments } from '../shell/fields.tsx';
import { Filters, SiteChoice } from '../shell/filters.tsx';
import { type CameraQuery, isFiltered, type Origin, type Sort } from './camera-query.ts';

const TYPE_OPTIONS = DEVICE_TYPES.map(({ type }) => ({ value: type, label: type.replaceAll('_', ' ') }));
const SORT_OPTIONS: readonly { value: Sort; label: string }[] = [
  { value: 'violations', label: 'Violations first' },
  { value: 'newest', label: 'Newest' },
];
const ORIGIN_OPTIONS: readonly { value: Origin; label: string }[] = [
  { value: 'real', label: 'real photos' },
  { value: 'simulated', label: 'simulated photos' },
];
const SCORE_OPTIONS = ['40', '70', '80', '100'].map((value) => ({ value, label: `score ${value} or more` }));

const wornOptions = (what: string) => [
  { value: 'yes', label: `with ${what}` },
  { value: 'no', label: `without ${what}` },
];
const WORN = [
  { key: 'hat', label: 'Hard hat', options: wornOptions('hard hat') },
  { key: 'vest', label: 'Safety vest', options: wornOptions('vest') },
  { key: 'equipment', label: 'Equipment', options: wornOptions('equipment') },
] as const;

/** Everything that narrows the photos; one button undoes it all. */
export function CameraFilters(props: {
  query: CameraQuery;
  onNarrow: (changes: Partial<CameraQuery>) => void;
  onClear: () => void;
}) {
  const { query, onNarrow, onClear } = props;
  return (
    <Filters
      label="Filter the photos"
      className="camera-filters"
      filtered={isFiltered(query)}
      onClear={onClear}
    >
      <Segments
        legend="Order"
        options={SORT_OPTIONS}
        value={query.sort}
        onPick={(sort) => onNarrow({ sort })}
      />
      <SiteChoice value={query.site} onPick={(site) => onNarrow({ site })} />
      <Choice
        label="Type of device"
        all="All types"
        value={query.type}
        options={TYPE_OPTIONS}
        onPick={(type) => onNarrow({ type })}
      />
      {WORN.map(({ key, label, options }) => (
        <Choice
          key={key}
          label={label}
          all={`${label}: any`}
          value={query[key]}
          options={options}
          onPick={(value) => onNarrow({ [key]: value === 'yes' || value === 'no' ? value : null })}
        />
      ))}
      <Choice
        label="Score"
        all="Any score"
        value={query.min === null ? null : String(query.min)}
        options={SCORE_OPTIONS}
        onPick={(value) => onNarrow({ min: value === null ? null : Number(value) })}
      />
      <Choice
        label="Origin"
        all="Real and simulated"
        value={query.origin}
        options={ORIGIN_OPTIONS}
        onPick={(value) => onNarrow({ origin: value === 'real' || value === 'simulated' ? value : null })}
      />
    </Filters>
  );
}
