/** The unprivileged account that engines run under when we are root: PostgreSQL refuses to run as root. */
import { execFileSync } from 'node:child_process';
import { chownSync } from 'node:fs';

export type Account = { readonly name: string; readonly uid: number; readonly gid: number };

/** Debian's postgresql package makes this account. */
const SERVICE_ACCOUNT = 'postgres';

/** null when we are not root: then everything runs as we do. Throws when the account is missing. */
export function serviceAccount(): Account | null {
  if (process.getuid?.() !== 0) return null;
  const idOf = (flag: string): number =>
    Number(execFileSync('id', [flag, SERVICE_ACCOUNT], { encoding: 'utf8' }).trim());
  return { name: SERVICE_ACCOUNT, uid: idOf('-u'), gid: idOf('-g') };
}

/** Gives a file or directory to the account; nothing to do when we are not root. */
export function giveTo(account: Pick<Account, 'uid' | 'gid'> | null, path: string): void {
  if (account !== null) chownSync(path, account.uid, account.gid);
}
