/** How a series of a panel is drawn: its colour by what it is, its dashes by where. Colour never says it alone. */
const PLACES = ['region1', 'region2', 'witness', 'edge', 'simulators'] as const;
const DASHES: readonly (readonly number[])[] = [[], [6, 4], [2, 3], [10, 3, 2, 3], [1, 4]];

/** As many as there are --series-N tokens. */
export const COLORS = 8;

export type SeriesStyle = { readonly color: number; readonly dash: readonly number[] };

const placeOf = (name: string): number => PLACES.findIndex((place) => name.split(' ').includes(place));
const subjectOf = (name: string): string =>
  name
    .split(' ')
    .filter((word) => !(PLACES as readonly string[]).includes(word))
    .join(' ');

/** Styles in the order of `names`. The same service has one colour in both regions; regions alone have one each. */
export function seriesStyles(names: readonly string[]): SeriesStyle[] {
  const subjects = [...new Set(names.map(subjectOf))].sort();
  return names.map((name) => {
    const place = placeOf(name);
    const color = subjects.length === 1 && place !== -1 ? place : subjects.indexOf(subjectOf(name));
    return { color: color % COLORS, dash: DASHES[Math.max(0, place)] ?? [] };
  });
}
