/** Where packages are whose files are read: of some only data is used. */
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

const { resolve } = createRequire(import.meta.url);

/** The folder of a package's main file. */
export const packageDir = (name: string): string => dirname(resolve(name));
