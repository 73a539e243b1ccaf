/** Which photos a question is about, and what people in them wear or lack. Pure. */
import type { Gear, ImageFilter } from './image-queries.ts';
import { listed } from './intent.ts';
import { type Asked, sitesNamed, typesNamed } from './question.ts';
import { windowAsked } from './window.ts';

export function filterAsked(question: Asked): ImageFilter {
  const [sites, types] = [sitesNamed(question.text), typesNamed(question.text)];
  return {
    window: windowAsked(question),
    sites: sites.length === 0 ? null : sites,
    types: types.length === 0 ? null : types,
  };
}

export function filterWords({ window, sites, types }: ImageFilter): string {
  const parts = ['camera records', window.words];
  if (types !== null) parts.push(`photos of ${listed(types)}`);
  if (sites !== null) parts.push(`at ${listed(sites)}`);
  return parts.join(', ');
}

const LACK = /\b(?:without|no|not|missing|lack(?:s|ing)?|aren't|isn't|don't|never|forgot|neither)\b/g;
/** In the order hard hat, vest, inspection equipment. */
const GEAR: readonly RegExp[] = [
  /\b(?:hard ?-?hats?|hats?|helmets?|head protection)\b/,
  /\b(?:vests?|hi-?vis)\b/,
  /\b(?:tablets?|clipboards?|inspection (?:equipment|tools?|gear))\b/,
];
const ALL_GEAR = /\b(?:ppe|protective (?:equipment|gear)|safety (?:gear|equipment))\b/;

/** "helmets are missing": said behind the gear. */
const LACKED = /^\w* (?:(?:is|are|was|were) )?(?:missing|absent|lacking|not worn|forgotten)\b/;

/** Whether the words before a piece of gear say that it is missing: "with" and "but" end what "without" began. */
function worn(before: string): 'yes' | 'no' {
  const lacks = [...before.matchAll(LACK)].at(-1)?.index;
  if (lacks === undefined) return 'yes';
  return /\b(?:with|but|and (?:wearing|holding|carrying|has|have))\b/.test(before.slice(lacks))
    ? 'yes'
    : 'no';
}

export function gearAsked(text: string): Gear | null {
  const [hardHat, vest, equipment] = GEAR.map((pattern) => {
    const place = pattern.exec(text)?.index;
    if (place === undefined) return null;
    return LACKED.test(text.slice(place).replace(pattern, '')) ? 'no' : worn(text.slice(0, place));
  });
  const named = { hardHat: hardHat ?? null, vest: vest ?? null, equipment: equipment ?? null };
  if (Object.values(named).some((value) => value !== null)) return { ...named, any: /\bor\b/.test(text) };
  const place = ALL_GEAR.exec(text)?.index;
  if (place === undefined) return null;
  const all = worn(text.slice(0, place));
  return { hardHat: all, vest: all, equipment: null, any: all === 'no' };
}

export function gearWords({ hardHat, vest, equipment, any }: Gear): string {
  const word = (name: string, value: Gear['vest']): string[] =>
    value === null ? [] : [`${value === 'no' ? 'without ' : 'with '}${name}`];
  const words = [
    ...word('hard hat', hardHat),
    ...word('vest', vest),
    ...word('inspection equipment', equipment),
  ];
  return words.join(any ? ' or ' : ' and ');
}
