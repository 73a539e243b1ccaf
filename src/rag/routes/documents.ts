/** The documents: list, add, read, delete. A file is sent as it is, as the body, with its name in the query. */
import { createHash } from 'node:crypto';
import { Type } from 'typebox';
import { safeFileName } from '../../lib/file-name.ts';
import { type Api, takesFiles } from '../../lib/http-app.ts';
import { HttpError, invalidField, notFound } from '../../lib/http-errors.ts';
import { ErrorBody, INERT } from '../../lib/http-schemas.ts';
import type { RagContext } from '../context.ts';
import { mediaTypeOf } from '../extract/media-type.ts';
import { AddedBody, DocumentBody, DocumentsBody } from '../schemas.ts';
import { addDocument, deleteDocument, listDocuments, readDocument, readFile } from '../store.ts';

const MAX_NAME_CHARS = 255;
const Params = Type.Object({ document_id: Type.String({ pattern: '^[0-9a-f]{64}$' }) });
const strict = { additionalProperties: false };
const NoQuery = Type.Object({}, strict);
const FileBytes = Type.Unsafe<Buffer>({ type: 'string', format: 'binary' });

function fileNameOf(name: string): string {
  const safe = safeFileName(name);
  if (safe === null) throw invalidField('name', 'name is no name of a file');
  return safe;
}

function addRoute(app: Api, context: RagContext): void {
  const { leader, library, indexer, limits } = context;
  app.post(
    '/api/documents',
    {
      bodyLimit: limits.maxFileBytes,
      schema: {
        tags: ['documents'],
        summary:
          'Add a PDF, Markdown, text or HTML file: the body is the file. The same file twice is one document',
        querystring: Type.Object({ name: Type.String({ minLength: 1, maxLength: MAX_NAME_CHARS }) }, strict),
        response: {
          200: AddedBody,
          201: AddedBody,
          400: ErrorBody,
          413: ErrorBody,
          415: ErrorBody,
          503: ErrorBody,
        },
      },
    },
    async (request, reply) => {
      const fileName = fileNameOf(request.query.name);
      const content = request.body;
      if (!Buffer.isBuffer(content) || content.length === 0) {
        throw new HttpError(400, { error: 'empty', message: `${fileName} is empty: the body is the file` });
      }
      const mediaType = mediaTypeOf(fileName, content);
      if (mediaType === null) {
        const message = `${fileName} is not a PDF, Markdown, text or HTML file`;
        throw new HttpError(415, { error: 'unsupported_media_type', message });
      }
      const documentId = createHash('sha256').update(content).digest('hex');
      const added = await addDocument(leader, { documentId, fileName, mediaType, content }, 'upload');
      if (added) indexer.hurry();
      const document = await readDocument(leader, library.spaces[0].embedder.model, documentId);
      if (document === null)
        throw new HttpError(409, { error: 'conflict', message: 'it was deleted meanwhile' });
      return reply.code(added ? 201 : 200).send({ added, document });
    },
  );
}

export async function documentRoutes(app: Api, context: RagContext): Promise<void> {
  const { leader, library } = context;
  const tags = ['documents'];
  const model = library.spaces[0].embedder.model;
  const errors = { 400: ErrorBody, 404: ErrorBody, 503: ErrorBody };
  await takesFiles(app, (scoped) => addRoute(scoped, context));
  app.get(
    '/api/documents',
    {
      schema: {
        tags,
        summary: 'All documents',
        querystring: NoQuery,
        response: { 200: DocumentsBody, ...errors },
      },
    },
    async () => {
      const documents = await listDocuments(leader, model);
      return { total: documents.length, documents };
    },
  );
  app.get(
    '/api/documents/:document_id',
    {
      schema: {
        tags,
        summary: 'One document and how far it has been read',
        params: Params,
        querystring: NoQuery,
        response: { 200: DocumentBody, ...errors },
      },
    },
    async ({ params }) => {
      const document = await readDocument(leader, model, params.document_id);
      if (document === null) throw notFound('there is no such document');
      return document;
    },
  );
  app.get(
    '/api/documents/:document_id/file',
    {
      schema: {
        tags,
        summary: 'The file as it was added',
        params: Params,
        querystring: NoQuery,
        response: { 200: FileBytes, ...errors },
      },
    },
    async ({ params }, reply) => {
      const file = await readFile(leader, params.document_id);
      if (file === null) throw notFound('there is no such document');
      const type = file.mediaType === 'application/pdf' ? file.mediaType : 'text/plain; charset=utf-8';
      const name = encodeURIComponent(file.fileName);
      return reply
        .headers({
          ...INERT,
          'content-type': type,
          'content-disposition': `inline; filename*=UTF-8''${name}`,
        })
        .send(file.content);
    },
  );
  app.delete(
    '/api/documents/:document_id',
    {
      schema: {
        tags,
        summary: 'Delete a document: no answer cites it any more',
        params: Params,
        querystring: NoQuery,
        response: { 204: Type.Null(), ...errors },
      },
    },
    async ({ params }, reply) => {
      if (!(await deleteDocument(leader, params.document_id))) throw notFound('there is no such document');
      library.hurry();
      return reply.code(204).send(null);
    },
  );
}
