/** Photos on their way and their pictures, in PostgreSQL. Every write may be repeated: the pool does so on a takeover. */
import type { Database, Leader } from '../lib/bounded-leader.ts';
import { transaction } from '../lib/transaction.ts';

export type Photo = {
  readonly imageId: string;
  readonly siteId: string;
  readonly deviceType: string;
  readonly camera: string;
  readonly fileName: string;
  readonly simulated: boolean;
  readonly takenAt: Date;
  readonly receivedAt: Date;
};

type PhotoRow = {
  image_id: string;
  site_id: string;
  device_type: string;
  camera: string;
  file_name: string;
  simulated: boolean;
  taken_at: Date;
  received_at: Date;
};

const COLUMNS = 'image_id, site_id, device_type, camera, file_name, simulated, taken_at, received_at';

const photoOf = (row: PhotoRow): Photo => ({
  imageId: row.image_id,
  siteId: row.site_id,
  deviceType: row.device_type,
  camera: row.camera,
  fileName: row.file_name,
  simulated: row.simulated,
  takenAt: row.taken_at,
  receivedAt: row.received_at,
});

export type PhotoState = 'waiting' | 'done' | 'failed';

/** Adds it unless it is there; one that failed is looked at again. `added`: whether it was not there. */
export function addPhoto(
  leader: Leader,
  photo: Photo,
  content: Uint8Array,
): Promise<{ added: boolean; state: PhotoState }> {
  const { imageId, siteId, deviceType, camera, fileName, simulated, takenAt, receivedAt } = photo;
  return leader.withClient(
    (client) =>
      transaction(client, async () => {
        const { rowCount } = await client.query(
          `INSERT INTO photo (${COLUMNS}, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'waiting')
           ON CONFLICT (image_id) DO NOTHING`,
          [imageId, siteId, deviceType, camera, fileName, simulated, takenAt, receivedAt],
        );
        if (rowCount === 0) {
          const { rows } = await client.query<{ state: PhotoState }>(
            `UPDATE photo SET state = CASE state WHEN 'failed' THEN 'waiting' ELSE state END,
               failure = NULL, failure_message = NULL
             WHERE image_id = $1 RETURNING state`,
            [imageId],
          );
          return { added: false, state: rows[0]?.state ?? 'waiting' };
        }
        await client.query(`INSERT INTO photo_file VALUES ($1, 'original', $2)`, [imageId, content]);
        return { added: true, state: 'waiting' as const };
      }),
    { bytes: content.length },
  );
}

export async function readState(db: Database, imageId: string): Promise<PhotoState | null> {
  const { rows } = await db.query<{ state: PhotoState }>('SELECT state FROM photo WHERE image_id = $1', [
    imageId,
  ]);
  return rows[0]?.state ?? null;
}

/** Those that have waited longest, photos of people before simulated ones; without those that are looked at already. */
export async function nextWaiting(db: Database, limit: number, except: readonly string[]): Promise<Photo[]> {
  const { rows } = await db.query<PhotoRow>(
    `SELECT ${COLUMNS} FROM photo WHERE state = 'waiting' AND image_id <> ALL($2::uuid[])
     ORDER BY simulated, received_at LIMIT $1`,
    [limit, except],
  );
  return rows.map(photoOf);
}

export type PictureKind = 'original' | 'shown' | 'thumbnail';

export async function readPicture(db: Database, imageId: string, kind: PictureKind): Promise<Buffer | null> {
  const { rows } = await db.query<{ content: Buffer }>(
    'SELECT content FROM photo_file WHERE image_id = $1 AND kind = $2',
    [imageId, kind],
  );
  return rows[0]?.content ?? null;
}

export async function storePictures(
  leader: Leader,
  imageId: string,
  pictures: { readonly shown: Uint8Array; readonly thumbnail: Uint8Array },
): Promise<void> {
  await leader.query(
    `INSERT INTO photo_file SELECT $1, kind, content
     FROM (VALUES ('shown', $2::bytea), ('thumbnail', $3::bytea)) AS picture (kind, content)
     ON CONFLICT (image_id, kind) DO UPDATE SET content = excluded.content`,
    [imageId, pictures.shown, pictures.thumbnail],
  );
}

/** Its record is stored. Of a simulated photo the original can be made again. */
export async function noteDone(leader: Leader, { imageId, simulated }: Photo): Promise<void> {
  await leader.query(`UPDATE photo SET state = 'done' WHERE image_id = $1`, [imageId]);
  if (simulated) {
    await leader.query(`DELETE FROM photo_file WHERE image_id = $1 AND kind = 'original'`, [imageId]);
  }
}

export async function noteFailure(
  leader: Leader,
  imageId: string,
  failure: string,
  message: string,
): Promise<void> {
  await leader.query(
    `UPDATE photo SET state = 'failed', failure = $2, failure_message = $3 WHERE image_id = $1`,
    [imageId, failure, message],
  );
}

export async function countWaiting(db: Database): Promise<number> {
  const { rows } = await db.query<{ waiting: number }>(
    `SELECT count(*)::integer AS waiting FROM photo WHERE state = 'waiting'`,
  );
  return rows[0]?.waiting ?? 0;
}

export type FailedPhoto = {
  readonly image_id: string;
  readonly file_name: string;
  readonly site_id: string;
  readonly failure: string;
  readonly message: string;
  readonly received_at: Date;
};

export async function listFailed(db: Database, limit: number): Promise<FailedPhoto[]> {
  const { rows } = await db.query<FailedPhoto>(
    `SELECT image_id, file_name, site_id, failure, failure_message AS message, received_at
     FROM photo WHERE state = 'failed' ORDER BY received_at DESC, image_id LIMIT $1`,
    [limit],
  );
  return rows;
}

/** Simulated photos beyond the newest `kept` of their site; those that nobody has looked at stay. */
export async function surplusSimulated(db: Database, kept: number, limit: number): Promise<string[]> {
  const { rows } = await db.query<{ image_id: string }>(
    `SELECT image_id FROM (
       SELECT image_id, state, row_number() OVER (PARTITION BY site_id ORDER BY received_at DESC) AS place
       FROM photo WHERE simulated) AS placed
     WHERE place > $1 AND state <> 'waiting' LIMIT $2`,
    [kept, limit],
  );
  return rows.map((row) => row.image_id);
}

export async function removePhotos(leader: Leader, imageIds: readonly string[]): Promise<void> {
  await leader.query('DELETE FROM photo WHERE image_id = ANY($1::uuid[])', [imageIds]);
  // With MongoDB, the copy that questions are answered from.
  await leader.query('DELETE FROM image_record WHERE image_id = ANY($1::uuid[])', [imageIds]);
}

/** What a photo may say that it is of. */
export async function readRegistry(db: Database): Promise<{ sites: string[]; deviceTypes: string[] }> {
  const { rows } = await db.query<{ sites: string[]; types: string[] }>(
    `SELECT (SELECT array_agg(site_id ORDER BY site_id) FROM site) AS sites,
       (SELECT array_agg(device_type ORDER BY device_type) FROM device_type) AS types`,
  );
  return { sites: rows[0]?.sites ?? [], deviceTypes: rows[0]?.types ?? [] };
}
