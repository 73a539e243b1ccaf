/** What a file is, by its content first and its name second. */
import { extname } from 'node:path';

const MEDIA_TYPES = ['application/pdf', 'text/markdown', 'text/plain', 'text/html'] as const;
export type MediaType = (typeof MEDIA_TYPES)[number];

export const isMediaType = (type: string): type is MediaType =>
  (MEDIA_TYPES as readonly string[]).includes(type);

const BY_NAME: Readonly<Record<string, MediaType>> = {
  '.md': 'text/markdown',
  '.markdown': 'text/markdown',
  '.html': 'text/html',
  '.htm': 'text/html',
  '.xhtml': 'text/html',
  '.txt': 'text/plain',
  '.text': 'text/plain',
  '.log': 'text/plain',
};
/** PDF readers look for the header in so many bytes (ISO 32000-1, appendix H). */
const LOOKED_AT = 1_024;

/** A text in UTF-8, in UTF-16 with its mark, or in Latin-1; null when it is no text. */
export function decodeText(bytes: Uint8Array): string | null {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    const text = new TextDecoder('latin1').decode(bytes);
    const odd = text.replace(/[\t\n\v\f\r]/g, '').match(/\p{Cc}/gu)?.length ?? 0;
    return odd * 100 > text.length ? null : text;
  }
}

/** null: of no type that is read. What is called .pdf is taken for one, so that it can be said what is wrong with it. */
export function mediaTypeOf(fileName: string, bytes: Uint8Array): MediaType | null {
  const start = Buffer.from(bytes.subarray(0, LOOKED_AT)).toString('latin1');
  const extension = extname(fileName).toLowerCase();
  if (start.includes('%PDF-') || extension === '.pdf') return 'application/pdf';
  if (decodeText(bytes) === null) return null;
  if (/^\s*(<\?xml[^>]*>\s*)?<(!doctype html|html)\b/i.test(start)) return 'text/html';
  return BY_NAME[extension] ?? null;
}
