/** Where PostgreSQL's own programs are: Debian keeps them out of PATH, one directory a version. */
import { existsSync, readdirSync } from 'node:fs';
import { UsageError } from './errors.ts';

const ROOT = '/usr/lib/postgresql';
const OLDEST = 15;

/** Directory of the newest installed version. Throws UsageError when there is none new enough. */
export function postgresBinDir(): string {
  const versions = existsSync(ROOT) ? readdirSync(ROOT).map(Number) : [];
  const newest = Math.max(0, ...versions.filter((version) => existsSync(`${ROOT}/${version}/bin/postgres`)));
  if (newest < OLDEST)
    throw new UsageError(`PostgreSQL ${OLDEST} or newer is not installed (package postgresql)`);
  return `${ROOT}/${newest}/bin`;
}
