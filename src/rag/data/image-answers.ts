/** Answers out of camera records: a sentence with the top facts, the table it is taken from, and photos. */
import type { Photo } from '../schemas.ts';
import type { PartialAnswer } from '../types.ts';
import { filterWords, gearWords } from './image-filter.ts';
import type { Gear, ImageFilter, ScoreGroup } from './image-queries.ts';
import * as queries from './image-queries.ts';
import {
  answered,
  counted,
  listed,
  number,
  percent,
  type ReadDatabase,
  refusal,
  share,
  table,
  text,
  time,
  written,
} from './intent.ts';

/** The cosine between what was asked and what the record says. */
export type NearPhoto = { readonly imageId: string; readonly similarity: number };

export type ImageDeps = {
  readonly db: ReadDatabase;
  readonly nearPhotos: () => Promise<readonly NearPhoto[]>;
};

/** Photos beside a table. */
const PHOTOS = 6;
async function nothing({ db }: ImageDeps, filter: ImageFilter): Promise<PartialAnswer> {
  if (await queries.isEmpty(db)) return refusal('images', 'No camera records are stored yet.', []);
  return refusal('images', `No photo matches (${filterWords(filter)}).`, []);
}

const imageTable = (
  filter: ImageFilter,
  parts: Omit<Parameters<typeof table>[0], 'source' | 'explanation'>,
  more = '',
) => table({ ...parts, source: 'images', explanation: `${filterWords(filter)}${more}` });

export type GearAsked = { readonly filter: ImageFilter; readonly gear: Gear };

export async function answerGear(deps: ImageDeps, { filter, gear }: GearAsked): Promise<PartialAnswer> {
  const found = await queries.peopleWith(deps.db, filter, gear);
  const people = `people ${gearWords(gear)}`;
  const columns = [
    text('site', 'Site'),
    number('matching', `People ${gearWords(gear)}`),
    number('people', 'People'),
    percent('share', 'Share'),
    number('photos', 'Photos'),
  ];
  const [first] = found;
  if (first === undefined) {
    const { photos } = await queries.seen(deps.db, filter);
    if (photos === 0) return nothing(deps, filter);
    const none = imageTable(filter, { title: `Sites with ${people}`, columns, rows: [] }, `, ${people}`);
    return answered('images', `No photo shows ${people} (${filterWords(filter)}).`, [none]);
  }
  const photos = await queries.newestPhotos(deps.db, filter, gear, PHOTOS);
  const result = imageTable(
    filter,
    {
      title: `Sites with ${people}`,
      columns,
      rows: found.map((row) => ({ ...row, share: share(row.matching, row.people) })),
      chart: { kind: 'bar', x: 'site', y: 'matching' },
      photos,
    },
    `, ${people}; the share is of all people seen at the site`,
  );
  const sites = found.slice(0, 5).map(({ site, matching }) => `${site} (${written(matching)})`);
  const others = found.length > sites.length ? '; the table has the others' : '';
  return answered('images', `Sites with ${people}: ${listed(sites)}${others}.`, [result]);
}

export type ScoresAsked = { readonly filter: ImageFilter; readonly by: ScoreGroup };

const scoreColumns = (label: string) => [
  text('name', label),
  number('average', 'Average score (0-100)'),
  number('lowest', 'Lowest'),
  number('scored', 'Photos with people'),
  number('photos', 'Photos'),
];

export async function answerAverage(deps: ImageDeps, { filter, by }: ScoresAsked): Promise<PartialAnswer> {
  const [all] = await queries.scores(deps.db, filter, 'all');
  if (all === undefined) return nothing(deps, filter);
  const groups = await queries.scores(deps.db, filter, by);
  const [best, worst] = [groups.at(0), groups.at(-1)];
  const result = imageTable(
    filter,
    {
      title: by === 'site' ? 'Safety compliance by site' : 'Safety compliance by device type',
      columns: scoreColumns(by === 'site' ? 'Site' : 'Device type'),
      rows: [all, ...groups],
      chart: { kind: 'bar', x: 'name', y: 'average' },
    },
    ', the score is 40 for a hard hat, 30 for a vest and 30 for inspection equipment',
  );
  const ends =
    best === undefined || worst === undefined || groups.length < 2
      ? ''
      : ` Highest: ${best.name} (${written(best.average)}); lowest: ${worst.name} (${written(worst.average)}).`;
  const sentence = `The average safety compliance score is ${written(all.average)}, over ${counted(all.scored, 'photo')} with people.`;
  return answered('images', `${sentence}${ends}`, [result]);
}

export type RankingAsked = {
  readonly filter: ImageFilter;
  readonly order: 'highest' | 'lowest';
  readonly bound: number | null;
};

export async function answerRanking(
  deps: ImageDeps,
  { filter, order, bound }: RankingAsked,
): Promise<PartialAnswer> {
  const found = await queries.scores(deps.db, filter, 'site');
  if (order === 'lowest') found.reverse();
  const within = found.filter(
    ({ average }) => bound === null || (order === 'highest' ? average >= bound : average < bound),
  );
  const rows = within.length === 0 ? found : within;
  const [first] = rows;
  if (first === undefined) return nothing(deps, filter);
  const limit = bound === null ? '' : `an average ${order === 'highest' ? 'of at least' : 'below'} ${bound}`;
  const result = imageTable(
    filter,
    {
      title: `Sites by safety compliance, ${order} first`,
      columns: scoreColumns('Site'),
      rows,
      chart: { kind: 'bar', x: 'name', y: 'average' },
      photos: await queries.newestPhotos(deps.db, { ...filter, sites: [first.name] }, null, PHOTOS),
    },
    limit === '' ? '' : `, ${order === 'highest' ? 'high' : 'low'} is ${limit}`,
  );
  const sites = rows.slice(0, 5).map(({ name, average }) => `${name} (${written(average)})`);
  const none = within.length === 0 ? `No site has ${limit}. ` : '';
  return answered(
    'images',
    `${none}${order === 'highest' ? 'Highest' : 'Lowest'} average safety compliance: ${listed(sites)}.`,
    [result],
  );
}

export async function answerSeen(
  deps: ImageDeps,
  { filter }: { readonly filter: ImageFilter },
): Promise<PartialAnswer> {
  const found = await queries.seen(deps.db, filter);
  if (found.photos === 0) return nothing(deps, filter);
  const rows = [
    { what: 'photos', count: found.photos },
    { what: 'people', count: found.people },
    { what: 'people with hard hat', count: found.hats },
    { what: 'people without hard hat', count: found.no_hats },
    { what: 'people with vest', count: found.vests },
    { what: 'people without vest', count: found.no_vests },
    { what: 'people with inspection equipment', count: found.equipped },
  ];
  const result = imageTable(
    filter,
    { title: 'What cameras saw', columns: [text('what', 'What'), number('count', 'Count')], rows },
    ', people whose gear cannot be seen count as neither',
  );
  const sentence =
    `${counted(found.photos, 'photo')} show ${counted(found.people, 'person', 'people')}: ${written(found.hats)} with and ` +
    `${written(found.no_hats)} without hard hat, ${written(found.vests)} with and ${written(found.no_vests)} without vest, ` +
    `${written(found.equipped)} with inspection equipment.`;
  return answered('images', sentence, [result]);
}

export type PhotosAsked = { readonly filter: ImageFilter; readonly rows: number };

export async function answerKeywords(
  deps: ImageDeps,
  { filter, rows: limit }: PhotosAsked,
): Promise<PartialAnswer> {
  const rows = await queries.keywords(deps.db, filter, limit);
  if (rows.length === 0) return nothing(deps, filter);
  const result = imageTable(filter, {
    title: 'What the photos show',
    columns: [text('keyword', 'Keyword'), number('photos', 'Photos')],
    rows,
    chart: { kind: 'bar', x: 'keyword', y: 'photos' },
    photos: await queries.newestPhotos(deps.db, filter, null, PHOTOS),
  });
  const most = rows.slice(0, 5).map(({ keyword, photos }) => `${keyword} (${written(photos)})`);
  return answered('images', `The photos show most often: ${listed(most)}.`, [result]);
}

const photoColumns = [
  time('taken_at', 'Taken'),
  text('site', 'Site'),
  text('device_type', 'Device type'),
  text('description', 'What it shows'),
  number('score', 'Score (0-100)'),
];

const photoRow = ({ site_id, device_type, taken_at, description, compliance_score }: Photo) => ({
  ...{ taken_at, site: site_id, device_type, description, score: compliance_score },
});

export async function answerNewest(
  deps: ImageDeps,
  { filter, rows: limit }: PhotosAsked,
): Promise<PartialAnswer> {
  const photos = await queries.newestPhotos(deps.db, filter, null, limit);
  const [first] = photos;
  if (first === undefined) return nothing(deps, filter);
  const result = imageTable(filter, {
    title: 'Newest photos',
    columns: photoColumns,
    rows: photos.map(photoRow),
    photos,
  });
  return answered(
    'images',
    `The newest photo was taken at ${first.taken_at} at ${first.site_id}: ${first.description}`,
    [result],
  );
}

/** What is less alike is about something else. */
const ALIKE = 0.3;

/** Photos whose records say nearly what was asked; null when none does. */
export async function answerNear(deps: ImageDeps): Promise<PartialAnswer | null> {
  const near = (await deps.nearPhotos()).filter(({ similarity }) => similarity >= ALIKE);
  const photos = await queries.photosOf(
    deps.db,
    near.map(({ imageId }) => imageId),
  );
  const [first] = photos;
  if (first === undefined) return null;
  const result = table({
    source: 'images',
    title: 'Photos nearest to the question',
    explanation: 'camera records whose description is nearest in meaning, the nearest first',
    columns: photoColumns,
    rows: photos.map(photoRow),
    photos,
  });
  const answer = answered('images', `The photo nearest to that, at ${first.site_id}: ${first.description}`, [
    result,
  ]);
  return { ...answer, confidence: Math.min(0.8, near[0]?.similarity ?? 0) };
}
