import type { Passage } from './types.ts';

/**
 * What an embedding model is given of a passage: its nearest heading says what it is about. The title is the same for
 * a whole document, and words find it. Nothing of a table: figures mean nothing to a model, and its labels are words.
 */
export function textOf({ heading, kind, content }: Pick<Passage, 'heading' | 'kind' | 'content'>): string {
  if (kind === 'table') return '';
  return [heading.split(' > ').at(-1) ?? '', content.trim()].filter((part) => part !== '').join('. ');
}
