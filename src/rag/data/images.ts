/** Questions about what cameras saw: an ordered table of intents, each with one fixed query of image-queries.ts. */
import type { PartialAnswer } from '../types.ts';
import {
  answerAverage,
  answerGear,
  answerKeywords,
  answerNear,
  answerNewest,
  answerRanking,
  answerSeen,
  type GearAsked,
  type ImageDeps,
  type PhotosAsked,
  type RankingAsked,
  type ScoresAsked,
} from './image-answers.ts';
import { filterAsked, gearAsked } from './image-filter.ts';
import type { ImageFilter } from './image-queries.ts';
import { type Intent, intent, type Plan, planOf, refusal } from './intent.ts';
import { type Asked, rowsAsked } from './question.ts';

const EXAMPLES: readonly string[] = [
  'What is the average safety compliance score?',
  'Give me turbine sites that have workers without hats',
  'Show sites with engineers with hat and tablet in the hand',
  'Show turbine sites with high safety',
  'Show the latest photos',
];
/** Of 100: a hard hat and a vest make 70, and one thing missing is no longer high. */
const HIGH = 80;
const LOW = 60;

/** A word cloud is more than a table shows at a glance. */
const KEYWORDS = 20;
const PHOTOS = 6;

const COUNT = /\bhow (?:many|often)\b|\bnumber of\b|\bcount\b/;
const PICTURES = /\b(?:photos?|pictures?|images?|footage|snapshots?)\b/;
const PEOPLE = /\b(?:people|persons?|workers?|engineers?|staff|employees|hats?|helmets?|vests?)\b/;
const CAMERAS = /\bcameras?\b|\bcctv\b|\bsafety\b|\bcompliance\b|\bcompliant\b|\bppe\b/;
const BEST = /\b(?:safest|best|most (?:safe|compliant)|highest|top)\b/;
const WORST = /\b(?:worst|lowest|least (?:safe|compliant)|most dangerous|unsafest)\b/;
const GOOD = /\b(?:high|good|safe|compliant)\b/;
const POOR = /\b(?:low|poor|bad|unsafe|insufficient)\b/;
const SHOW =
  /\bwhat (?:do|does|can|did|is|was|are|were)\b.*\b(?:show|see|seen|shown|saw|visible)\b|\bword cloud\b|\bkeywords?\b|\bdescribe\b/;
const NEWEST = /\b(?:latest|newest|recent|last|show|give|list)\b/;

function gear(question: Asked): GearAsked | null {
  const found = gearAsked(question.text);
  return found === null ? null : { filter: filterAsked(question), gear: found };
}

/** One piece of gear, or none, is counted with and without at once. */
function gearCount(question: Asked): { filter: ImageFilter } | null {
  const { text } = question;
  if (!COUNT.test(text) || !(PICTURES.test(text) || PEOPLE.test(text))) return null;
  const found = gearAsked(text);
  const pieces = [found?.hardHat, found?.vest, found?.equipment].filter((value) => typeof value === 'string');
  return pieces.length > 1 ? null : { filter: filterAsked(question) };
}

/** "above 80", "below 50.5": a score, 0 to 100. */
function boundAsked(text: string): { order: 'highest' | 'lowest'; bound: number } | null {
  const found = /\b(above|over|at least|more than|below|under|less than) (\d{1,3}(?:\.\d)?)\b/.exec(text);
  const bound = Number(found?.[2] ?? Number.NaN);
  if (!(bound <= 100)) return null;
  return { order: /below|under|less/.test(found?.[1] ?? '') ? 'lowest' : 'highest', bound };
}

function ranking(question: Asked): RankingAsked | null {
  const { text } = question;
  if (!/\b(?:sites?|where)\b/.test(text)) return null;
  const filter = filterAsked(question);
  const bounded = boundAsked(text);
  if (bounded !== null) return { filter, ...bounded };
  if (WORST.test(text)) return { filter, order: 'lowest', bound: null };
  if (BEST.test(text)) return { filter, order: 'highest', bound: null };
  if (POOR.test(text)) return { filter, order: 'lowest', bound: LOW };
  return GOOD.test(text) ? { filter, order: 'highest', bound: HIGH } : null;
}

function keywordsAsked(question: Asked): PhotosAsked | null {
  if (!SHOW.test(question.text)) return null;
  return { filter: filterAsked(question), rows: rowsAsked(question.text, KEYWORDS) };
}

function newest(question: Asked): PhotosAsked | null {
  const { text } = question;
  if (!PICTURES.test(text) || !NEWEST.test(text)) return null;
  return { filter: filterAsked(question), rows: rowsAsked(text, PHOTOS) };
}

function average(question: Asked): ScoresAsked | null {
  const { text } = question;
  if (!CAMERAS.test(text) && !PICTURES.test(text)) return null;
  const byType = /\b(?:device|equipment) types?\b|\b(?:by|per|each) type\b/.test(text);
  return { filter: filterAsked(question), by: byType ? 'device_type' : 'site' };
}

const people = (question: Asked): { filter: ImageFilter } | null =>
  PEOPLE.test(question.text) ? { filter: filterAsked(question) } : null;

/** The first that knows the question answers it. */
const INTENTS: readonly Intent<ImageDeps>[] = [
  intent('seen', gearCount, answerSeen),
  intent('people_with_gear', gear, answerGear),
  intent('sites_by_score', ranking, answerRanking),
  intent('keywords', keywordsAsked, answerKeywords),
  intent('newest_photos', newest, answerNewest),
  intent('average_score', average, answerAverage),
  intent('people', people, answerSeen),
];

/** Pure. */
export const planImages = (question: Asked): Plan<ImageDeps> | null => planOf(INTENTS, question);

/** Rejects with what the database rejects with. */
export async function answerFromImages(question: Asked, deps: ImageDeps): Promise<PartialAnswer> {
  const plan = planImages(question);
  if (plan !== null) return plan.run(deps);
  const near = await answerNear(deps);
  if (near !== null) return near;
  const known = 'compliance scores, what people wear, how many were seen, and the newest photos';
  return refusal(
    'images',
    `I did not understand this as a question about camera records. They can be asked about ${known}.`,
    EXAMPLES,
  );
}
