import { formatDateTime } from '../lib/format.ts';
import { Choice, Segments, TypedField } from '../shell/fields.tsx';
import { Filters } from '../shell/filters.tsx';
import { KINDS, LOOKS } from './answer-kind.ts';
import { isFiltered, LIMITS_CHARS, type LogQuery, RANGES } from './log-query.ts';

/** Addresses and sources must match whole, so what stands there halfway through would find nothing. */
const WHOLE_PAUSE_MS = 700;
const EXACT_STATUS = /^[1-5][0-9]{2}$/;
/** `-` is what the log says of a request that could not be read. */
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((name) => ({
  value: name,
  label: name,
}));
const METHOD_OPTIONS = [...METHODS, { value: '-', label: 'not readable' }];
const RANGE_OPTIONS = RANGES.map(({ id, label }) => ({ value: id, label }));
/** How the source of the front door's own requests is called. */
const KNOWN_SOURCES = ['front-door'];

type Narrow = (changes: Partial<LogQuery>) => void;
type FieldsProps = { query: LogQuery; onNarrow: Narrow };

function StatusChoice({ query, onNarrow }: FieldsProps) {
  const { status } = query;
  const exact = status !== null && EXACT_STATUS.test(status) ? status : '';
  const onExact = (text: string) => {
    if (text !== '') onNarrow({ status: text });
    else if (exact !== '') onNarrow({ status: null });
  };
  return (
    <>
      <fieldset className="segments">
        <legend className="visually-hidden">Status</legend>
        <button type="button" aria-pressed={status === null} onClick={() => onNarrow({ status: null })}>
          Any
        </button>
        {KINDS.map((kind) => LOOKS[kind]).map(({ code, label }) => (
          <button
            key={code}
            type="button"
            title={label}
            aria-pressed={status === code}
            onClick={() => onNarrow({ status: status === code ? null : code })}
          >
            {code}
          </button>
        ))}
      </fieldset>
      <TypedField
        label="Exact status, such as 404"
        placeholder="Status"
        className="field-code"
        limit_chars={3}
        accepts={EXACT_STATUS}
        value={exact}
        onText={onExact}
      />
    </>
  );
}

function TextFilters({ query, onNarrow }: FieldsProps) {
  return (
    <>
      <TypedField
        label="Client address, exactly"
        placeholder="Address"
        limit_chars={LIMITS_CHARS.address}
        pause_ms={WHOLE_PAUSE_MS}
        value={query.address ?? ''}
        onText={(address) => onNarrow({ address: address || null })}
      />
      <TypedField
        label="Part of the path"
        placeholder="Part of the path"
        limit_chars={LIMITS_CHARS.path}
        value={query.path ?? ''}
        onText={(path) => onNarrow({ path: path || null })}
      />
      <TypedField
        label="Source: front-door, or the name of an imported file"
        placeholder="Source"
        limit_chars={LIMITS_CHARS.source}
        pause_ms={WHOLE_PAUSE_MS}
        suggestions={KNOWN_SOURCES}
        value={query.source ?? ''}
        onText={(source) => onNarrow({ source: source || null })}
      />
    </>
  );
}

function windowWords({ from, to }: { from: string | null; to: string | null }): string {
  if (from === null) return to === null ? '' : `until ${formatDateTime(to)}`;
  return to === null
    ? `since ${formatDateTime(from)}`
    : `${formatDateTime(from)} – ${formatDateTime(to).slice(from.slice(0, 10) === to.slice(0, 10) ? 11 : 0)}`;
}

function TimeChoice({ query, onNarrow }: FieldsProps) {
  const { window } = query;
  return (
    <>
      <Segments
        legend="Time"
        options={RANGE_OPTIONS}
        value={window === null ? query.range : null}
        onPick={(range) => range !== null && onNarrow({ range, window: null })}
      />
      {window === null ? null : (
        <button type="button" className="badge badge-button" onClick={() => onNarrow({ window: null })}>
          {windowWords(window)} UTC ✕<span className="visually-hidden"> leave this time</span>
        </button>
      )}
    </>
  );
}

/** Everything that narrows the page; one button undoes it all. */
export function LogFilters(props: FieldsProps & { onClear: () => void }) {
  const { query, onNarrow, onClear } = props;
  return (
    <Filters label="Filter the log" className="log-filters" filtered={isFiltered(query)} onClear={onClear}>
      <TypedField
        label="Search in path, address, referer and user agent"
        placeholder="Search path, address, agent"
        className="field-search"
        limit_chars={LIMITS_CHARS.search}
        value={query.search ?? ''}
        onText={(search) => onNarrow({ search: search || null })}
      />
      <TimeChoice query={query} onNarrow={onNarrow} />
      <StatusChoice query={query} onNarrow={onNarrow} />
      <Choice
        label="Method"
        all="All methods"
        value={query.method}
        options={METHOD_OPTIONS}
        onPick={(method) => onNarrow({ method })}
      />
      <TextFilters query={query} onNarrow={onNarrow} />
    </Filters>
  );
}
