/** The thread that reads one file and ends: whatever a bad file does, it does to this thread. */
import { parentPort, workerData } from 'node:worker_threads';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { Extracted } from '../types.ts';
import { ExtractError } from './extract-error.ts';
import { extractHtml } from './html.ts';
import { extractMarkdown } from './markdown.ts';
import { decodeText, isMediaType, type MediaType } from './media-type.ts';
import { extractPdf } from './pdf.ts';
import { extractText } from './plain-text.ts';

const Work = Type.Object({
  bytes: Type.Unsafe<Uint8Array>({}),
  mediaType: Type.String(),
  maxPages: Type.Integer(),
});

async function read(bytes: Uint8Array, mediaType: MediaType, maxPages: number): Promise<Extracted> {
  if (mediaType === 'application/pdf') {
    const onProgress = (pagesRead: number, pages: number): void =>
      parentPort?.postMessage({ pagesRead, pages });
    return extractPdf(bytes, { maxPages, onProgress });
  }
  const text = decodeText(bytes);
  if (text === null) throw new ExtractError('broken', 'the file is no text');
  if (text.trim() === '') throw new ExtractError('empty', 'the file is empty');
  switch (mediaType) {
    case 'text/html':
      return extractHtml(text);
    case 'text/markdown':
      return extractMarkdown(text);
    case 'text/plain':
      return extractText(text);
    default:
      return mediaType satisfies never;
  }
}

const { bytes, mediaType, maxPages } = Value.Parse(Work, workerData);
try {
  if (!isMediaType(mediaType)) throw new ExtractError('unsupported', `${mediaType} is not read`);
  const extracted = await read(bytes, mediaType, maxPages);
  parentPort?.postMessage({ extracted });
} catch (error) {
  if (!(error instanceof ExtractError)) throw error;
  parentPort?.postMessage({ failure: error.failure, message: error.publicMessage });
}
