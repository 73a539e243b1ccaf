/** `search` with some parameters set, or removed where the value is null. No leading `?`. */
export function withParams(search: string, changes: Readonly<Record<string, string | null>>): string {
  const params = new URLSearchParams(search);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) params.delete(key);
    else params.set(key, value);
  }
  return params.toString();
}

/** Where the browser goes for a path and its parameters. */
export const address = (path: string, search: string): string => (search === '' ? path : `${path}?${search}`);

const SHOWN_CHARS = 60;

/** `pick` reads one parameter (null: absent or empty); what `read` does not understand is named in `ignored`. */
export function readParams(search: string) {
  const params = new URLSearchParams(search);
  const ignored: string[] = [];
  const pick = <T>(key: string, read: (value: string) => T | null): T | null => {
    const value = params.get(key);
    if (value === null || value === '') return null;
    const known = read(value);
    if (known === null) ignored.push(`${key}=${value.slice(0, SHOWN_CHARS)}`);
    return known;
  };
  return { pick, ignored };
}

/** Reads a text that the API takes: trimmed, not empty, no longer than the limit. */
export const shortText = (limit_chars: number) => (value: string) => {
  const trimmed = value.trim();
  return trimmed === '' || trimmed.length > limit_chars || trimmed.includes('\0') ? null : trimmed;
};

/** Reads one of some words. */
export const oneOf =
  <T extends string>(words: readonly T[]) =>
  (value: string): T | null =>
    words.find((word) => word === value) ?? null;

/** Reads the number of a page, from 1. */
export const pageNumber = (max: number) => (value: string) => {
  const page = /^[1-9]\d{0,3}$/.test(value) ? Number(value) : null;
  return page !== null && page <= max ? page : null;
};

/**
 * Whether the step from one query to the next only goes on with one of the `texts`, so that the back button need not
 * stop at each pause of the typing.
 */
export function typesOn<K extends string, Q extends Readonly<Record<K, string | null>>>(
  before: Q,
  next: Q,
  texts: readonly K[],
  format: (query: Q) => string,
): boolean {
  const typed = texts.filter((key) => before[key] !== next[key]);
  const [key] = typed;
  if (key === undefined || typed.length > 1 || before[key] === null || next[key] === null) return false;
  return format({ ...before, [key]: next[key] }) === format(next);
}
