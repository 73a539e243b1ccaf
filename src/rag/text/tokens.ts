/** Words of a text as they are compared: lower case, without their endings (Porter2). Numbers stay whole. */
import stem from 'wink-porter2-stemmer';

/** Of distinct words; what a corpus of reports has. */
const CACHE_MAX = 100_000;

const stems = new Map<string, string>();

function stemOf(word: string): string {
  const known = stems.get(word);
  if (known !== undefined) return known;
  const made = /^[a-z]+$/.test(word) ? stem(word) : word;
  if (stems.size < CACHE_MAX) stems.set(word, made);
  return made;
}

export type Token = {
  readonly stem: string;
  /** As it stands in the text. */
  readonly raw: string;
  /** Where it begins in the text. */
  readonly at: number;
};

/** A number with its separators, or letters and digits with apostrophes inside. */
const WORD = /\d+(?:[.,:]\d+)*|[\p{L}\p{N}]+(?:['’][\p{L}]+)*/gu;

/** "1,234" and "1234" are the same number. */
function normalize(raw: string): string {
  if (/^\d/.test(raw)) return raw.replace(/,(?=\d{3}(?:\D|$))/g, '').toLowerCase();
  return stemOf(
    raw
      .toLowerCase()
      .replace(/['’]s$/, '')
      .replace(/['’]/g, ''),
  );
}

export function tokens(text: string): Token[] {
  return Array.from(text.normalize('NFKC').matchAll(WORD), ({ 0: raw, index }) => ({
    stem: normalize(raw),
    raw,
    at: index,
  }));
}

/** Words that say how a question is put, not what it is about. */
const STOP = new Set(
  `a about after all also an and any are as at be been being both but by can could did do does doing each for from had
  has have having he her his how i if in into is it its itself may me more most much many my no nor not of on only or
  other our out over own please same she should so some such tell than that the their them then there these they this
  those through to too under until up very was we were what when where which while who whom whose why will with would
  you your give show find name list during between kind type`
    .split(/\s+/)
    .map((word) => stemOf(word)),
);

/** Words that people of the field use for the same thing: a report has one of them, a question another. */
const SAME: readonly (readonly string[])[] = [
  ['incident', 'event', 'accident'],
  ['fatality', 'death'],
  ['employee', 'staff', 'workforce'],
  ['turnover', 'revenue'],
  ['spill', 'release', 'leak'],
  ['hat', 'helmet'],
  ['temperature', 'temp'],
  ['rpm', 'speed'],
].map((words) => words.map(stemOf));

/** What a question is about: each word with those that mean the same, the word itself first. */
export function questionWords(question: string): string[][] {
  const all = [...new Set(tokens(question).map((token) => token.stem))];
  const content = all.filter((one) => !STOP.has(one));
  return (content.length === 0 ? all : content).map((one) => [
    one,
    ...SAME.filter((same) => same.includes(one)).flatMap((same) => same.filter((other) => other !== one)),
  ]);
}
