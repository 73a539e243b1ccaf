/** Fields of a filter bar. */
import { useEffect, useId, useRef, useState } from 'react';
import { after } from '../lib/clock.ts';

const TYPING_PAUSE_MS = 200;

/** Types at once, filters once the typing pauses. What `accepts` refuses stays in the field, marked as wrong. */
export function TypedField(props: {
  label: string;
  placeholder: string;
  value: string;
  limit_chars: number;
  onText: (text: string) => void;
  className?: string;
  pause_ms?: number;
  accepts?: RegExp;
  suggestions?: readonly string[];
}) {
  const { value, accepts, suggestions, pause_ms = TYPING_PAUSE_MS, className = '' } = props;
  const [text, setText] = useState(value);
  const pending = useRef<(() => void) | null>(null);
  const latest = useRef(props.onText);
  const id = useId();
  const accepted = text.trim() === '' || accepts === undefined || accepts.test(text.trim());
  useEffect(() => {
    latest.current = props.onText;
  });
  useEffect(() => {
    if (pending.current === null) setText(value);
  }, [value]);
  useEffect(() => () => pending.current?.(), []);
  const type = (typed: string) => {
    setText(typed);
    pending.current?.();
    pending.current = after(pause_ms, () => {
      pending.current = null;
      const trimmed = typed.trim();
      if (trimmed === '' || accepts === undefined || accepts.test(trimmed)) latest.current(trimmed);
    });
  };
  return (
    <div className={`field ${className}`}>
      <label htmlFor={id} className="visually-hidden">
        {props.label}
      </label>
      <input
        id={id}
        type="search"
        placeholder={props.placeholder}
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={props.limit_chars}
        aria-invalid={accepted ? undefined : true}
        list={suggestions === undefined ? undefined : `${id}-known`}
        value={text}
        onChange={(event) => type(event.target.value)}
      />
      {suggestions === undefined ? null : (
        <datalist id={`${id}-known`}>
          {suggestions.map((known) => (
            <option key={known} value={known} />
          ))}
        </datalist>
      )}
    </div>
  );
}

/** One of some values, or all; a value that is not listed, from the address, can be seen and left. */
export function Choice(props: {
  label: string;
  all: string;
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
        <option value="">{props.all}</option>
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

/** One of a few values, all in sight. */
export function Segments<T extends string | null>(props: {
  legend: string;
  options: readonly { readonly value: T; readonly label: string }[];
  value: T;
  onPick: (value: T) => void;
  className?: string;
}) {
  return (
    <fieldset className={`segments ${props.className ?? ''}`}>
      <legend className="visually-hidden">{props.legend}</legend>
      {props.options.map(({ value, label }) => (
        <button
          key={label}
          type="button"
          aria-pressed={value === props.value}
          onClick={() => props.onPick(value)}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}
