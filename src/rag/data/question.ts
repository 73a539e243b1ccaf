/** What a question names: sites, device types, devices, how many rows. Pure; every number is bounded. */
import { DEVICE_TYPES, type DeviceType, OGD_ALIAS, SITES } from '../../lib/fleet.ts';

/** Rows of an answer's table, when the question does not say how many, and at most. */
const DEFAULT_ROWS = 10;
const MAX_ROWS = 50;
const MAX_DEVICES = 5;

export type Asked = {
  /** In lower case, one space between words, plain quotation marks. */
  readonly text: string;
  /** Unix milliseconds; "today" and "the last hour" are counted from it. */
  readonly nowMs: number;
};

export function asked(question: string, nowMs: number): Asked {
  const text = question
    .normalize('NFKC')
    .replace(/[‘’]/g, "'")
    .replace(/[“”]/g, '"')
    .replace(/[‐‑–]/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
  return { text, nowMs };
}

const SPELLED = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];
const NUMBER = `(\\d{1,4}|${SPELLED.join('|')})`;
const TIME_UNIT = '(?:second|minute|min|hour|day|week|month|year)s?\\b';
const LIMITS = [
  new RegExp(
    `\\b(?:top|first|last|latest|newest|slowest|busiest|worst|best|biggest)[ -]${NUMBER}\\b(?! ${TIME_UNIT})`,
  ),
  new RegExp(
    `\\b${NUMBER} (?:worst |best |slowest |busiest |latest |newest |most \\w+ |top |ip )*` +
      '(?:ips?|address(?:es)?|clients|paths|urls|pages|endpoints|sites|devices|photos|images|pictures|' +
      'user agents|browsers|slowest|worst|entries)\\b',
  ),
];

/** "top 5", "the five slowest paths": between 1 and 50; a status such as 404 is not taken for a limit. */
export function rowsAsked(text: string, fallback = DEFAULT_ROWS): number {
  for (const pattern of LIMITS) {
    const found = pattern.exec(text)?.[1];
    if (found === undefined) continue;
    const spelled = SPELLED.indexOf(found) + 1;
    const rows = spelled > 0 ? spelled : Number(found);
    if (rows >= 400 && rows <= 599) continue;
    return Math.max(1, Math.min(MAX_ROWS, rows));
  }
  return fallback;
}

const wordOf = (name: string): RegExp =>
  new RegExp(`(?<![\\w-])${name.toLowerCase().replace(/[- ]/g, '[- ]')}(?:'s|s)?(?![\\w-])`);

const SITE_NAMES = SITES.map(({ id, place, area }) => ({
  id,
  patterns: [wordOf(id), wordOf(place), wordOf(area)],
}));

/** Sites named by id, place or area, in the order of the fleet; empty: none is named. */
export function sitesNamed(text: string): readonly string[] {
  return SITE_NAMES.filter(({ patterns }) => patterns.some((pattern) => pattern.test(text))).map(
    ({ id }) => id,
  );
}

const TYPE_WORDS: Readonly<Record<DeviceType, RegExp>> = {
  turbine: /\bturbines?\b/,
  thermal_engine: /\b(?:thermal[ _-])?engines?\b/,
  electrical_rotor: /\b(?:electrical[ _-]|electric )?rotors?\b/,
  ogd: /\b(?:ogds?|connected[ _]devices?|oil and gas devices?|oil & gas devices?|wellheads?|well heads?)\b/,
};

export function typesNamed(text: string): readonly DeviceType[] {
  return DEVICE_TYPES.map(({ type }) => type).filter((type) => TYPE_WORDS[type].test(text));
}

const DEVICE_ID = new RegExp(
  `\\b(?:${[...DEVICE_TYPES.map(({ prefix }) => prefix), OGD_ALIAS.prefix]
    .map((prefix) => prefix.slice(0, -1).toLowerCase())
    .join('|')})-\\d{1,8}\\b`,
  'g',
);

/** Ids such as TURB-00912, as the API writes them, without repetition, at most five. */
export function devicesNamed(text: string): readonly string[] {
  const found = [...text.matchAll(DEVICE_ID)].map(([id]) => {
    const [prefix = '', digits = ''] = id.split('-');
    return `${prefix.toUpperCase()}-${digits.padStart(5, '0')}`;
  });
  return [...new Set(found)].slice(0, MAX_DEVICES);
}

/** The text without the names of sites, so that OK-BRAVO is not read as the state OK. */
export function withoutSites(text: string): string {
  return SITES.reduce((rest, { id }) => rest.replaceAll(id.toLowerCase(), ' '), text);
}
