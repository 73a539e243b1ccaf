/** Vectors of what records of photos say, for photos that are asked for in other words than theirs. */
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Database } from '../lib/bounded-leader.ts';
import { fromBytes, toBytes } from './vector-store.ts';

/** What is put into words of a record: what it says of itself. */
export type Described = { readonly imageId: string; readonly version: number; readonly text: string };

type Row = { image_id: string; version: number; description: string; keywords: string[] };

const Keywords = Type.Array(Type.String());

/** The newest that have no vector of the model, or one of an earlier version. */
export async function nextImagesWithoutVectors(
  db: Database,
  model: string,
  limit: number,
): Promise<Described[]> {
  const { rows } = await db.query<Row>(
    `SELECT r.image_id, coalesce((record->>'version')::integer, 1) AS version,
       record->>'description' AS description, record->'keywords' AS keywords
     FROM image_record r LEFT JOIN image_vector v ON v.image_id = r.image_id AND v.model = $1
     WHERE v.version IS DISTINCT FROM coalesce((record->>'version')::integer, 1)
     ORDER BY taken_at DESC LIMIT $2`,
    [model, limit],
  );
  return rows.map(({ image_id: imageId, version, description, keywords }) => {
    const words = Value.Check(Keywords, keywords) ? keywords : [];
    return { imageId, version, text: `${description} ${words.join(', ')}` };
  });
}

/** Those of the photos that have a small picture. */
export async function readPictures(
  db: Database,
  images: readonly Described[],
): Promise<(Described & { readonly jpeg: Buffer })[]> {
  const { rows } = await db.query<{ image_id: string; content: Buffer }>(
    `SELECT image_id, content FROM photo_file WHERE kind = 'thumbnail' AND image_id = ANY($1::uuid[])`,
    [images.map(({ imageId }) => imageId)],
  );
  return images.flatMap((image) => {
    const jpeg = rows.find(({ image_id: imageId }) => imageId === image.imageId)?.content;
    return jpeg === undefined ? [] : [{ ...image, jpeg }];
  });
}

export async function storeImageVectors(
  db: Database,
  model: string,
  images: readonly (Described & { readonly vector: Float32Array })[],
): Promise<void> {
  await db.query(
    `INSERT INTO image_vector (image_id, model, version, vector)
     SELECT made.image_id, $1, made.version, made.vector
     FROM unnest($2::uuid[], $3::integer[], $4::bytea[]) AS made (image_id, version, vector)
     JOIN image_record USING (image_id)
     ON CONFLICT (model, image_id) DO UPDATE SET version = excluded.version, vector = excluded.vector`,
    [
      model,
      images.map(({ imageId }) => imageId),
      images.map(({ version }) => version),
      images.map(({ vector }) => toBytes(vector)),
    ],
  );
}

/** Photos that are compared with a question: the newest. 2 kB each come from the database. */
const COMPARED = 5_000;

/** The nearest of the newest photos, the nearest first, with the cosine of the angle between. */
export async function nearestImages(
  db: Database,
  model: string,
  vector: Float32Array,
  limit: number,
): Promise<{ imageId: string; similarity: number }[]> {
  const { rows } = await db.query<{ image_id: string; vector: Buffer }>(
    `SELECT image_id, vector FROM image_vector JOIN image_record USING (image_id)
     WHERE model = $1 ORDER BY taken_at DESC LIMIT $2`,
    [model, COMPARED],
  );
  return rows
    .map(({ image_id: imageId, vector: bytes }) => {
      const other = fromBytes(bytes, vector.length);
      return { imageId, similarity: other.reduce((sum, value, at) => sum + value * (vector[at] ?? 0), 0) };
    })
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, limit);
}
