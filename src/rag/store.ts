/** Documents, their passages and vectors in PostgreSQL. Every write may be repeated: the pool does so on a takeover. */
import type { ClientBase } from 'pg';
import type { Database, Leader } from '../lib/bounded-leader.ts';
import { transaction } from '../lib/transaction.ts';
import type { DocumentBody } from './schemas.ts';
import type { Passage } from './types.ts';

export type StoredFile = {
  readonly documentId: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly content: Buffer;
};

type DocumentRow = Omit<DocumentBody, 'failure' | 'title' | 'imported_at'> & {
  readonly title: string | null;
  readonly failure: string | null;
  readonly failure_message: string | null;
  readonly imported_at: Date;
};

const DOCUMENTS = `SELECT d.document_id, file_name, title, media_type, bytes::float8, source, state, failure, failure_message, pages,
    pages_read, passages, imported_at,
    (SELECT count(*)::integer FROM passage_vector v WHERE v.model = $1 AND v.document_id = d.document_id) AS vectors
  FROM document d`;

function present({ failure, failure_message, title, imported_at, ...rest }: DocumentRow): DocumentBody {
  return {
    ...rest,
    title: title ?? rest.file_name,
    failure: failure === null ? null : { code: failure, message: failure_message ?? failure },
    imported_at: imported_at.toISOString(),
  };
}

/** All documents, the newest first; `model`: whose vectors are counted. */
export async function listDocuments(db: Database, model: string): Promise<DocumentBody[]> {
  const { rows } = await db.query<DocumentRow>(`${DOCUMENTS} ORDER BY imported_at DESC, document_id`, [
    model,
  ]);
  return rows.map(present);
}

export async function readDocument(
  db: Database,
  model: string,
  documentId: string,
): Promise<DocumentBody | null> {
  const { rows } = await db.query<DocumentRow>(`${DOCUMENTS} WHERE d.document_id = $2`, [model, documentId]);
  const [row] = rows;
  return row === undefined ? null : present(row);
}

export async function readFile(db: Database, documentId: string): Promise<StoredFile | null> {
  const { rows } = await db.query<{ file_name: string; media_type: string; content: Buffer }>(
    'SELECT file_name, media_type, content FROM document JOIN document_file USING (document_id) WHERE document_id = $1',
    [documentId],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return { documentId, fileName: row.file_name, mediaType: row.media_type, content: row.content };
}

/** True when it is new, false when it is there already; one that could not be read is tried again. */
export function addDocument(
  leader: Leader,
  { documentId, fileName, mediaType, content }: StoredFile,
  source: 'sample' | 'upload',
): Promise<boolean> {
  const work = (client: ClientBase): Promise<boolean> =>
    transaction(client, async () => {
      const added = await client.query(
        `INSERT INTO document (document_id, file_name, media_type, bytes, source, state, imported_at)
         VALUES ($1, $2, $3, $4, $5, 'waiting', now())
         ON CONFLICT (document_id) DO UPDATE SET state = 'waiting', failure = NULL, failure_message = NULL,
           file_name = excluded.file_name, media_type = excluded.media_type
         WHERE document.state = 'failed'`,
        [documentId, fileName, mediaType, content.length, source],
      );
      if (added.rowCount === 0) return false;
      await client.query('INSERT INTO document_file VALUES ($1, $2) ON CONFLICT DO NOTHING', [
        documentId,
        content,
      ]);
      return true;
    });
  return leader.withClient(work, { bytes: content.length });
}

/** Adds one of our own samples, unless it was added before. */
export async function addSample(leader: Leader, file: StoredFile): Promise<void> {
  const { rowCount } = await leader.query('SELECT FROM sample_document WHERE document_id = $1', [
    file.documentId,
  ]);
  if (rowCount !== 0) return;
  await addDocument(leader, file, 'sample');
  await leader.query('INSERT INTO sample_document VALUES ($1, $2) ON CONFLICT DO NOTHING', [
    file.documentId,
    file.fileName,
  ]);
}

/** False when there is none. */
export async function deleteDocument(leader: Leader, documentId: string): Promise<boolean> {
  const { rowCount } = await leader.query('DELETE FROM document WHERE document_id = $1', [documentId]);
  return rowCount === 1;
}

/** The one that has waited longest, if any. */
export async function nextToRead(db: Database): Promise<StoredFile | null> {
  const { rows } = await db.query<{ document_id: string }>(
    `SELECT document_id FROM document WHERE state IN ('waiting', 'reading') ORDER BY imported_at, document_id LIMIT 1`,
  );
  const [row] = rows;
  return row === undefined ? null : readFile(db, row.document_id);
}

export async function noteProgress(
  db: Database,
  documentId: string,
  pagesRead: number,
  pages: number,
): Promise<void> {
  await db.query(
    `UPDATE document SET state = 'reading', pages_read = $2, pages = $3
     WHERE document_id = $1 AND state IN ('waiting', 'reading')`,
    [documentId, pagesRead, pages],
  );
}

export async function noteFailure(
  db: Database,
  documentId: string,
  code: string,
  message: string,
): Promise<void> {
  await db.query(
    `UPDATE document SET state = 'failed', failure = $2, failure_message = $3
     WHERE document_id = $1 AND state IN ('waiting', 'reading')`,
    [documentId, code, message],
  );
}

/** Makes it searchable. Nothing happens when it was deleted meanwhile, or read by another. */
export function storePassages(
  leader: Leader,
  documentId: string,
  title: string | null,
  pages: number,
  passages: readonly Passage[],
): Promise<void> {
  const column = <K extends keyof Passage>(key: K): Passage[K][] => passages.map((passage) => passage[key]);
  const work = (client: ClientBase): Promise<void> =>
    transaction(client, async () => {
      const claimed = await client.query(
        `UPDATE document SET state = 'searchable', title = $2, pages = $3, pages_read = $3, passages = $4, read_at = now()
         WHERE document_id = $1 AND state IN ('waiting', 'reading')`,
        [documentId, title, pages, passages.length],
      );
      if (claimed.rowCount === 0) return;
      await client.query('DELETE FROM passage WHERE document_id = $1', [documentId]);
      await client.query(
        `INSERT INTO passage (document_id, ordinal, page, page_label, heading, kind, content)
         SELECT $1, * FROM unnest($2::integer[], $3::integer[], $4::text[], $5::text[], $6::text[], $7::text[])`,
        [
          documentId,
          column('ordinal'),
          column('page'),
          column('pageLabel'),
          column('heading'),
          column('kind'),
          column('content'),
        ],
      );
    });
  return leader.withClient(work);
}

export type Searchable = {
  readonly documentId: string;
  readonly title: string;
  readonly fileName: string;
  readonly mediaType: string;
  readonly passages: number;
  /** Changes when it is read anew. */
  readonly readAtMs: number;
};

export async function listSearchable(db: Database): Promise<Searchable[]> {
  const { rows } = await db.query<{
    document_id: string;
    title: string | null;
    file_name: string;
    media_type: string;
    passages: number;
    read_at_ms: number;
  }>(
    `SELECT document_id, title, file_name, media_type, passages, extract(epoch FROM read_at)::float8 * 1000 AS read_at_ms
     FROM document WHERE state IN ('searchable', 'indexed')`,
  );
  return rows.map((row) => ({
    documentId: row.document_id,
    title: row.title ?? row.file_name,
    fileName: row.file_name,
    mediaType: row.media_type,
    passages: row.passages,
    readAtMs: row.read_at_ms,
  }));
}

export async function readPassages(db: Database, documentId: string): Promise<Passage[]> {
  const { rows } = await db.query<Passage>(
    `SELECT ordinal, page, page_label AS "pageLabel", heading, kind, content FROM passage
     WHERE document_id = $1 ORDER BY ordinal`,
    [documentId],
  );
  return rows;
}
