/** Plain text: paragraphs between empty lines, pages between form feeds. */
import type { Extracted } from '../types.ts';

export function extractText(text: string): Extracted {
  const pages = text.split('\f').map((page, index) => ({
    page: index + 1,
    label: null,
    blocks: page
      .split(/\n\s*\n/)
      .map((paragraph) => paragraph.replace(/\s+/g, ' ').trim())
      .filter((paragraph) => paragraph !== '')
      .map((paragraph) => ({ kind: 'paragraph' as const, text: paragraph })),
  }));
  return { title: null, pages };
}
