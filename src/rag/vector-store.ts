/** Vectors of passages in PostgreSQL, one space a model: float32, little-endian, of unit length. */
import { endianness } from 'node:os';
import type { Database } from '../lib/bounded-leader.ts';
import type { Embedder } from '../lib/embed/embedder.ts';
import type { Passage } from './types.ts';

/** In one answer of the database: 2 MiB at 512 dimensions. */
const READ_MAX = 1_000;

/** As stored. The machines that run this are little-endian, as the wire format of the column is. */
export function toBytes(vector: Float32Array): Buffer {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
}

/** Throws on bytes that are no vector of that many dimensions: then it is of another model. */
export function fromBytes(bytes: Buffer, dimensions: number): Float32Array {
  if (bytes.length !== dimensions * Float32Array.BYTES_PER_ELEMENT || endianness() !== 'LE') {
    throw new Error(`a vector of ${dimensions} dimensions does not have ${bytes.length} bytes`);
  }
  // A copy: the bytes of the driver's buffer need not stand at a multiple of four.
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** Vectors from an ordinal on without a gap, 1,000 at most: what comes after a missing one is read later. */
export async function readVectors(
  db: Database,
  documentId: string,
  { model, dimensions }: Embedder,
  fromOrdinal: number,
): Promise<Float32Array[]> {
  const { rows } = await db.query<{ ordinal: number; vector: Buffer }>(
    `SELECT ordinal, vector FROM passage_vector
     WHERE model = $1 AND document_id = $2 AND ordinal >= $3 ORDER BY ordinal LIMIT $4`,
    [model, documentId, fromOrdinal, READ_MAX],
  );
  const gap = rows.findIndex(({ ordinal }, index) => ordinal !== fromOrdinal + index);
  return rows.slice(0, gap === -1 ? rows.length : gap).map(({ vector }) => fromBytes(vector, dimensions));
}

/** What is left to do in a space: the first passages without a vector, of one document. */
export type Missing = {
  readonly documentId: string;
  readonly passages: readonly Passage[];
};

export async function nextWithoutVectors(
  db: Database,
  model: string,
  limit: number,
): Promise<Missing | null> {
  const { rows } = await db.query<{ document_id: string }>(
    `SELECT document_id FROM document d
     WHERE state IN ('searchable', 'indexed') AND passages >
       (SELECT count(*) FROM passage_vector v WHERE v.model = $1 AND v.document_id = d.document_id)
     ORDER BY read_at, document_id LIMIT 1`,
    [model],
  );
  const [document] = rows;
  if (document === undefined) return null;
  const { rows: passages } = await db.query<Passage>(
    `SELECT ordinal, page, page_label AS "pageLabel", heading, kind, content FROM passage p
     WHERE document_id = $1 AND NOT EXISTS (SELECT FROM passage_vector v
       WHERE v.model = $2 AND v.document_id = p.document_id AND v.ordinal = p.ordinal)
     ORDER BY ordinal LIMIT $3`,
    [document.document_id, model, limit],
  );
  return { documentId: document.document_id, passages };
}

/** Of a document that was deleted or read anew meanwhile, what does not fit any more is left out. */
export async function storeVectors(
  db: Database,
  model: string,
  documentId: string,
  vectors: readonly { readonly ordinal: number; readonly content: string; readonly vector: Float32Array }[],
): Promise<void> {
  await db.query(
    `INSERT INTO passage_vector (document_id, ordinal, model, vector)
     SELECT $1, ordinal, $2, made.vector FROM unnest($3::integer[], $4::text[], $5::bytea[]) AS made (ordinal, content, vector)
     JOIN passage p USING (ordinal) WHERE p.document_id = $1 AND p.content = made.content
     ON CONFLICT DO NOTHING`,
    [
      documentId,
      model,
      vectors.map(({ ordinal }) => ordinal),
      vectors.map(({ content }) => content),
      vectors.map(({ vector }) => toBytes(vector)),
    ],
  );
}

/** Notes which documents have all vectors of a space. */
export async function noteIndexed(db: Database, model: string): Promise<void> {
  await db.query(
    `UPDATE document d SET state = 'indexed' WHERE state = 'searchable' AND passages =
       (SELECT count(*) FROM passage_vector v WHERE v.model = $1 AND v.document_id = d.document_id)`,
    [model],
  );
}

export async function countVectors(
  db: Database,
): Promise<{ model: string; vectors: number; bytes: number }[]> {
  const { rows } = await db.query<{ model: string; vectors: number; bytes: number }>(
    `SELECT model, count(*)::integer AS vectors, max(length(vector))::integer AS bytes
     FROM passage_vector GROUP BY model ORDER BY model`,
  );
  return rows;
}
