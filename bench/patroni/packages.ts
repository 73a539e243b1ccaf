/** What the measurement needs from Debian, and where it is. */
import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { installPackages } from '../../bin/launcher/packages.mjs';

/** Patroni speaks to etcd 3 through classes of python3-etcd, and to PostgreSQL through psycopg2. */
const PACKAGES = [
  { name: 'etcd-server', found: () => isProgram('etcd') },
  { name: 'patroni', found: () => isProgram('patroni') },
  { name: 'python3-etcd', found: () => isModule('etcd') },
  { name: 'python3-psycopg2', found: () => isModule('psycopg2') },
];
const PYTHON_LIMIT_MS = 20_000;

/** Names of the Debian packages that are not there. */
export function missingPackages(): string[] {
  return PACKAGES.filter(({ found }) => !found()).map(({ name }) => name);
}

/** Only when the user asked for it. Throws when they cannot be installed. */
export async function installMissing(names: readonly string[]): Promise<void> {
  await installPackages([...names]);
  const still = missingPackages();
  if (still.length > 0) throw new Error(`apt-get succeeded, yet these are missing: ${still.join(', ')}`);
}

/** As "patroni 3.0.2". */
export function patroniVersion(): string {
  return execFileSync('patroni', ['--version'], { encoding: 'utf8', timeout: PYTHON_LIMIT_MS }).trim();
}

function isProgram(name: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Debian's Python, as Patroni's own first line names it. */
function isModule(name: string): boolean {
  try {
    execFileSync('/usr/bin/python3', ['-c', `import ${name}`], { stdio: 'ignore', timeout: PYTHON_LIMIT_MS });
    return true;
  } catch {
    return false;
  }
}
