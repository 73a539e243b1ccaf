import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The checkout: where package.json and migrations/ are, whether this runs from src/ or as built. */
export const PROJECT_DIR = folderWith('package.json', import.meta.dirname);

function folderWith(file: string, start: string): string {
  let folder = start;
  while (!existsSync(join(folder, file))) {
    const parent = dirname(folder);
    if (parent === folder) throw new Error(`no ${file} above ${start}: this is not a complete checkout`);
    folder = parent;
  }
  return folder;
}
