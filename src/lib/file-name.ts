/** Names of files that others send. */
import { basename } from 'node:path';

/** The last part of a path, of either system, without control characters; null when nothing is left. Pure. */
export function safeFileName(name: string): string | null {
  const last = basename(name.replaceAll('\\', '/'))
    .replace(/\p{Cc}/gu, '')
    .trim();
  return last === '' || last === '.' || last === '..' ? null : last;
}
