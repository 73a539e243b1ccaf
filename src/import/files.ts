/** The files that a user names, and those in the folders that are named. */
import { readdir, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { describeError, UsageError } from '../lib/errors.ts';

const MAX_FILES = 10_000;

/** In a folder those whose ending is one of `taken`. Throws UsageError that names the path which is not there. */
export async function filesOf(paths: readonly string[], taken: ReadonlySet<string>): Promise<string[]> {
  const files: string[] = [];
  for (const path of paths) {
    const found = await stat(path).catch((error: unknown) => {
      throw new UsageError(`cannot read ${path}: ${describeError(error)}`);
    });
    if (!found.isDirectory()) {
      files.push(path);
      continue;
    }
    const entries = await readdir(path, { recursive: true, withFileTypes: true });
    const fitting = entries.filter((entry) => entry.isFile() && taken.has(extname(entry.name).toLowerCase()));
    files.push(...fitting.map((entry) => join(entry.parentPath, entry.name)).sort());
  }
  if (files.length > MAX_FILES)
    throw new UsageError(`${files.length} files are too many: ${MAX_FILES} at once`);
  return files;
}
