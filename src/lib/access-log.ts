/** An entry of the access log, and how entries are stored: each once, whoever brings it and however often. */
import type { ClientBase } from 'pg';
import { copied, copyRows, isDuplicate } from './copy-rows.ts';
import { watchSyncWait } from './sync-wait.ts';
import { transaction } from './transaction.ts';

/** Texts are free of NUL and no longer than their columns' indexes take. */
export type AccessEntry = {
  /** A UUID: names the entry for ever. */
  readonly id: string;
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly source: string;
  readonly remote: string;
  readonly user: string | null;
  readonly method: string;
  readonly path: string;
  readonly protocol: string;
  readonly status: number;
  readonly bytes: number;
  readonly referer: string | null;
  readonly userAgent: string | null;
  /** null: not known. */
  readonly seconds: number | null;
};

/** `source` of what the front door served. */
export const FRONT_DOOR = 'front-door';

/** UTF-16 units; `path` and `remote` stand in one index, whose rows have a bound of 2,700 bytes. */
const LIMITS = {
  source: 255,
  remote: 255,
  user: 255,
  method: 32,
  path: 600,
  protocol: 32,
  referer: 1_000,
  userAgent: 1_000,
};

/** C0 controls and DEL, which no log line should have, and halves of surrogate pairs, which PostgreSQL refuses. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const UNPRINTABLE = /[\u0000-\u001f\u007f]|\p{Surrogate}/gu;

/** As it can be stored and shown: control characters are written as \xHH, what is too long ends with an ellipsis. */
export function printable(field: keyof typeof LIMITS, text: string): string {
  const limit = LIMITS[field];
  const short = text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
  return short.replace(UNPRINTABLE, (character) => {
    const code = character.charCodeAt(0);
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : '\ufffd';
  });
}

const COLUMNS = `entry_id, at, source, remote, user_name, method, path, protocol, status, bytes, referer,
  user_agent, seconds`;

function copyRow(entry: AccessEntry): string {
  const {
    id,
    atMs,
    source,
    remote,
    user,
    method,
    path,
    protocol,
    status,
    bytes,
    referer,
    userAgent,
    seconds,
  } = entry;
  const texts = [source, remote, user, method, path, protocol].map(copied).join('\t');
  const at = new Date(atMs).toISOString();
  const last = `${copied(referer)}\t${copied(userAgent)}\t${seconds ?? '\\N'}`;
  return `${id}\t${at}\t${texts}\t${status}\t${bytes}\t${last}\n`;
}

const copyEntries = (client: ClientBase, table: string, entries: readonly AccessEntry[]): Promise<void> =>
  copyRows(client, `COPY ${table} (${COLUMNS}) FROM STDIN`, entries.map(copyRow).join(''));

/**
 * Stores those of a batch that were not stored yet, and says how many; one that comes twice within it is stored
 * once. May be run again. `someKnown`: some are probably there already, which spares an attempt.
 */
export function storeAccessEntries(
  client: ClientBase,
  entries: readonly AccessEntry[],
  { someKnown = false }: { readonly someKnown?: boolean } = {},
): Promise<number> {
  return watchSyncWait(client, async () => {
    if (!someKnown) {
      try {
        await copyEntries(client, 'access_log', entries);
        return entries.length;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
    }
    return storeUnknown(client, entries);
  });
}

function storeUnknown(client: ClientBase, entries: readonly AccessEntry[]): Promise<number> {
  return transaction(client, async () => {
    await client.query(
      'CREATE TEMPORARY TABLE IF NOT EXISTS incoming_access_log (LIKE access_log) ON COMMIT DELETE ROWS',
    );
    await copyEntries(client, 'incoming_access_log', entries);
    const { rowCount } = await client.query(
      `INSERT INTO access_log (${COLUMNS}) SELECT ${COLUMNS} FROM incoming_access_log ON CONFLICT DO NOTHING`,
    );
    return rowCount ?? 0;
  });
}

/**
 * An entry's id: its time, so that new entries stand together in the index, and 80 bits of `digest`, 20 or more
 * hexadecimal digits of what tells it from others of its millisecond.
 */
export function accessEntryId(atMs: number, digest: string): string {
  return Math.max(0, atMs).toString(16).padStart(12, '0').slice(-12) + digest.slice(0, 20);
}
