/** The fixed queries of what cameras saw. Each is bounded; sites, device types and gear are parameters. */
import { Value } from 'typebox/value';
import { type ImageRecord, ImageRecordSchema } from '../../lib/image-record.ts';
import type { Photo } from '../schemas.ts';
import type { ReadDatabase } from './intent.ts';
import type { TimeWindow } from './window.ts';

type Worn = 'yes' | 'no' | null;

/** What a person must wear or lack; null: either. `any`: one of them is enough. */
export type Gear = {
  readonly hardHat: Worn;
  readonly vest: Worn;
  readonly equipment: Worn;
  readonly any: boolean;
};

/** null: every site, every type. */
export type ImageFilter = {
  readonly window: TimeWindow;
  readonly sites: readonly string[] | null;
  readonly types: readonly string[] | null;
};

const MAX_GROUPS = 100;

const MATCHES = `($1::timestamptz IS NULL OR taken_at >= $1) AND ($2::timestamptz IS NULL OR taken_at < $2)
  AND ($3::text[] IS NULL OR site_id = ANY ($3)) AND ($4::text[] IS NULL OR device_type = ANY ($4))`;

/** Of one person; $5 to $8 are the gear. */
const WEARS = `CASE WHEN $8::boolean
  THEN coalesce(person->'hard_hat'->>'value' = $5, false) OR coalesce(person->'vest'->>'value' = $6, false)
       OR coalesce(person->'equipment'->>'value' = $7, false)
  ELSE ($5::text IS NULL OR person->'hard_hat'->>'value' = $5) AND ($6::text IS NULL OR person->'vest'->>'value' = $6)
       AND ($7::text IS NULL OR person->'equipment'->>'value' = $7) END`;

function valuesOf({ window: { fromMs, toMs }, sites, types }: ImageFilter): unknown[] {
  const at = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  return [at(fromMs), at(toMs), sites, types];
}
const gearValues = ({ hardHat, vest, equipment, any }: Gear): unknown[] => [hardHat, vest, equipment, any];

export async function isEmpty(db: ReadDatabase): Promise<boolean> {
  const { rows } = await db.query('SELECT 1 AS one FROM image_record LIMIT 1', []);
  return rows.length === 0;
}

export type ScoreGroup = 'site' | 'device_type' | 'all';
export type ScoreRow = { name: string; photos: number; scored: number; average: number; lowest: number };

/** Scores of photos with people, 0 to 100, best average first. Photos without people count as photos only. */
export async function scores(db: ReadDatabase, filter: ImageFilter, by: ScoreGroup): Promise<ScoreRow[]> {
  const { rows } = await db.query<ScoreRow>(
    `SELECT name, count(*)::float8 AS photos, count(score)::float8 AS scored,
            round(avg(score), 1)::float8 AS average, min(score)::float8 AS lowest
     FROM (SELECT CASE $5::text WHEN 'site' THEN site_id WHEN 'device_type' THEN device_type ELSE 'all' END AS name,
                  (record->>'compliance_score')::numeric AS score
           FROM image_record WHERE ${MATCHES}) AS photo
     GROUP BY name HAVING count(score) > 0 ORDER BY average DESC, name LIMIT ${MAX_GROUPS}`,
    [...valuesOf(filter), by],
  );
  return rows;
}

export type GearRow = { site: string; matching: number; people: number; photos: number };

/** People by site who wear, or lack, the gear; only sites with such people, most first. */
export async function peopleWith(db: ReadDatabase, filter: ImageFilter, gear: Gear): Promise<GearRow[]> {
  const { rows } = await db.query<GearRow>(
    `SELECT site_id AS site, (count(*) FILTER (WHERE wears))::float8 AS matching, count(*)::float8 AS people,
            (count(DISTINCT image_id) FILTER (WHERE wears))::float8 AS photos
     FROM (SELECT image_id, site_id, ${WEARS} AS wears
           FROM image_record, jsonb_array_elements(record->'people') AS person WHERE ${MATCHES}) AS seen
     GROUP BY site_id HAVING count(*) FILTER (WHERE wears) > 0
     ORDER BY matching DESC, site_id LIMIT ${MAX_GROUPS}`,
    [...valuesOf(filter), ...gearValues(gear)],
  );
  return rows;
}

export type SeenRow = {
  photos: number;
  people: number;
  hats: number;
  no_hats: number;
  vests: number;
  no_vests: number;
  equipped: number;
};

/** How many photos there are, and what the people in them wear as far as it can be seen. */
export async function seen(db: ReadDatabase, filter: ImageFilter): Promise<SeenRow> {
  const worn = (gear: string, value: string): string =>
    `(count(*) FILTER (WHERE person->'${gear}'->>'value' = '${value}'))::float8`;
  const { rows } = await db.query<SeenRow>(
    `SELECT count(DISTINCT image_id)::float8 AS photos, count(person)::float8 AS people,
            ${worn('hard_hat', 'yes')} AS hats, ${worn('hard_hat', 'no')} AS no_hats,
            ${worn('vest', 'yes')} AS vests, ${worn('vest', 'no')} AS no_vests,
            ${worn('equipment', 'yes')} AS equipped
     FROM image_record LEFT JOIN LATERAL jsonb_array_elements(record->'people') AS person ON true
     WHERE ${MATCHES}`,
    valuesOf(filter),
  );
  const none = { photos: 0, people: 0, hats: 0, no_hats: 0, vests: 0, no_vests: 0, equipped: 0 };
  return rows[0] ?? none;
}

export type KeywordRow = { keyword: string; photos: number };

export async function keywords(db: ReadDatabase, filter: ImageFilter, limit: number): Promise<KeywordRow[]> {
  const { rows } = await db.query<KeywordRow>(
    `SELECT lower(keyword) AS keyword, count(*)::float8 AS photos
     FROM image_record, jsonb_array_elements_text(record->'keywords') AS keyword WHERE ${MATCHES}
     GROUP BY 1 ORDER BY photos DESC, 1 LIMIT $5`,
    [...valuesOf(filter), limit],
  );
  return rows;
}

const photoOf = ({
  image_id,
  site_id,
  device_type,
  taken_at,
  description,
  compliance_score,
}: ImageRecord): Photo => ({
  ...{ image_id, site_id, device_type, taken_at, description, compliance_score },
});

/** Newest first. With gear: only photos in which one person has all of it, or lacks it. */
export async function newestPhotos(
  db: ReadDatabase,
  filter: ImageFilter,
  gear: Gear | null,
  limit: number,
): Promise<Photo[]> {
  const { rows } = await db.query<{ record: unknown }>(
    `SELECT record FROM image_record
     WHERE ${MATCHES} AND (NOT $9::boolean OR EXISTS (
       SELECT FROM jsonb_array_elements(record->'people') AS person WHERE ${WEARS}))
     ORDER BY taken_at DESC, image_id LIMIT $10`,
    [
      ...valuesOf(filter),
      ...gearValues(gear ?? { hardHat: null, vest: null, equipment: null, any: false }),
      gear !== null,
      limit,
    ],
  );
  // A record of another version has another form, and cannot be shown.
  return rows.flatMap(({ record }) => (Value.Check(ImageRecordSchema, record) ? [photoOf(record)] : []));
}

/** In the order of the ids. */
export async function photosOf(db: ReadDatabase, imageIds: readonly string[]): Promise<Photo[]> {
  const { rows } = await db.query<{ record: unknown }>(
    `SELECT record FROM image_record JOIN unnest($1::uuid[]) WITH ORDINALITY AS asked (image_id, place)
       USING (image_id) ORDER BY place`,
    [imageIds],
  );
  return rows.flatMap(({ record }) => (Value.Check(ImageRecordSchema, record) ? [photoOf(record)] : []));
}
