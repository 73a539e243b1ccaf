/** Which sources a question is for: words and their weights, no model. Pure; the same words give the same route. */
import { devicesNamed, sitesNamed } from '../data/question.ts';
import type { Source } from '../schemas.ts';
import { RULES } from './rules.ts';

export type Route = {
  /** The most likely first; never empty. */
  readonly sources: Source[];
  readonly method: 'rules' | 'fallback';
  /** One sentence for the one who asked. */
  readonly reason: string;
};

/** What is known besides the question. */
export type RouteFacts = {
  /** A question with one of these in it is for the documents. */
  readonly documentTitles: readonly string[];
};

/** A source with less is not asked: one weak word is no evidence. */
const ENOUGH = 2;
/** Another source is asked too when it has this part of what the best has. */
const NEAR = 0.75;
/** A source that is called by its name is meant, whatever the other words are. */
const NAMED = 4;
/** More than what words of a title may say of another source. */
const TITLED = 6;
/** A title of a word or two may stand in any sentence. */
const MIN_TITLE_CHARS = 10;

const NAMES: Readonly<Record<Source, string>> = {
  documents: 'the documents',
  images: 'the camera records',
  logs: 'the access log',
  telemetry: 'the live fleet',
};

const SEVERAL =
  /\b(?:compare[ds]?|comparing|comparison|versus|vs|against|together with|along with|as well as|match(?:es)?|agrees?|contradicts?|side by side|both)\b/;

/** What was found in the lower-case text, as the question spells it; case may change the length of rare letters. */
function asSpelled({ 0: found, index }: RegExpExecArray, spelled: string): string {
  const same = spelled.slice(index, index + found.length);
  return (same.toLowerCase() === found ? same : found).trim();
}

type Score = { readonly source: Source; points: number; best: number; readonly words: string[] };

function scoresOf(text: string, spelled: string, facts: RouteFacts): Score[] {
  const scores = (Object.keys(NAMES) as Source[]).map(
    (source): Score => ({ source, points: 0, best: 0, words: [] }),
  );
  const add = (source: Source, points: number, word: string): void => {
    const score = scores.find((candidate) => candidate.source === source);
    if (score === undefined) return;
    score.points += points;
    if (points <= 0) return;
    score.best = Math.max(score.best, points);
    score.words.push(word);
  };
  for (const { source, points, words } of RULES) {
    const found = words.exec(text);
    if (found !== null) add(source, points, asSpelled(found, spelled));
  }
  const title = facts.documentTitles.find(
    (name) => name.length >= MIN_TITLE_CHARS && text.includes(name.toLowerCase()),
  );
  if (title !== undefined) add('documents', TITLED, title);
  return scores;
}

/** Those that are asked: the best, those near it, and when several are compared, whatever has enough. */
function chosen(scores: readonly Score[], text: string): Score[] {
  const ranked = scores.filter(({ points }) => points >= ENOUGH).sort((a, b) => b.points - a.points);
  const [best] = ranked;
  if (best === undefined) return [];
  const several = SEVERAL.test(text);
  return ranked.filter(
    (score) =>
      score === best ||
      (several
        ? score.best >= ENOUGH + 1
        : score.best >= NAMED && best.best <= NAMED && score.points >= NEAR * best.points),
  );
}

const quoted = (words: readonly string[]): string =>
  joined([...new Set(words)].slice(0, 3).map((word) => `'${word}'`));
const joined = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`;

function reasonOf(scores: readonly Score[]): string {
  const each = scores.map(({ source, words }) => {
    const verb = new Set(words).size === 1 ? 'points' : 'point';
    return `${quoted(words)} ${verb} to ${NAMES[source]}`;
  });
  return `${joined(each)}.`;
}

/** The documents hold what no word points to; a site or a device that is named has a live state beside. */
function fallback(text: string): Route {
  const named = [...devicesNamed(text), ...sitesNamed(text)].slice(0, 3);
  if (named.length === 0) {
    return {
      sources: ['documents'],
      method: 'fallback',
      reason: 'No word points to a source, so the documents are searched.',
    };
  }
  const reason = `No word points to a source; the documents are searched, and the live fleet for ${joined(named)}.`;
  return { sources: ['documents', 'telemetry'], method: 'fallback', reason };
}

/** Where a question goes, and why. Compares in lower case; the question may be of any length that the API takes. */
export function route(question: string, facts: RouteFacts = { documentTitles: [] }): Route {
  const spelled = question.normalize('NFKC').replace(/\s+/g, ' ').trim();
  const text = spelled.toLowerCase();
  const scores = chosen(scoresOf(text, spelled, facts), text);
  if (scores.length === 0) return fallback(text);
  return { sources: scores.map(({ source }) => source), method: 'rules', reason: reasonOf(scores) };
}
