/** Reads log files into the access log, in batches that may be stored again: an entry's name comes from its line. */
import { basename } from 'node:path';
import { type AccessEntry, printable, storeAccessEntries } from '../lib/access-log.ts';
import { describeError, UsageError } from '../lib/errors.ts';
import type { LeaderPool } from '../lib/leader-pool.ts';
import { parseCombinedLine } from './combined-line.ts';
import { LineIds } from './line-ids.ts';
import { LineSplitter } from './lines.ts';
import { openLogSource } from './log-source.ts';

/** Longer than any server's limit of a request line and its headers together. */
const LINE_MAX_BYTES = 64 * 1024;
const BATCH_LINES = 5_000;
/** One batch is stored while the next is read. */
const BATCHES_IN_FLIGHT = 2;

/** `atLine` counts from 1. */
export type Unreadable = { readonly atLine: number; readonly reason: string };

export type Imported = {
  readonly lines: number;
  readonly stored: number;
  /** Stored by an earlier import. */
  readonly known: number;
  readonly unreadable: number;
};

export type ImportHooks = {
  readonly onUnreadable: (unreadable: Unreadable) => void;
  /** Bytes of the file as it is stored, and lines so far. */
  readonly onProgress: (readBytes: number, totalBytes: number, lines: number) => void;
};

/** Throws UsageError when the file cannot be read to its end, UnavailableError when no leader takes its entries. */
export async function importLogFile(
  path: string,
  pool: Pick<LeaderPool, 'withClient'>,
  { onUnreadable, onProgress }: ImportHooks,
): Promise<Imported> {
  const log = openLogSource(path);
  const splitter = new LineSplitter(LINE_MAX_BYTES);
  const reader = new LineReader(printable('source', basename(path)), onUnreadable);
  const store = new BatchStore(pool);
  try {
    for await (const chunk of log.chunks) {
      for (const line of splitter.push(chunk)) {
        reader.read(line.number, line.bytes);
        if (reader.entries.length >= BATCH_LINES) await store.add(reader.take());
      }
      onProgress(log.readBytes(), log.totalBytes, reader.lines);
    }
  } catch (error) {
    await store.settle();
    if (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_')) {
      const after = `after line ${reader.lines}; what stood before it is imported`;
      throw new UsageError(`${path} is damaged ${after}: ${describeError(error)}`);
    }
    throw error;
  }
  const last = splitter.end();
  if (last !== null) reader.read(last.number, last.bytes);
  await store.add(reader.take());
  const stored = await store.settle();
  const { lines, unreadable } = reader;
  return { lines, stored, known: lines - unreadable - stored, unreadable };
}

/** Lines in, entries out. */
class LineReader {
  readonly #source: string;
  readonly #onUnreadable: ImportHooks['onUnreadable'];
  readonly #ids = new LineIds();
  #entries: AccessEntry[] = [];
  lines = 0;
  unreadable = 0;

  constructor(source: string, onUnreadable: ImportHooks['onUnreadable']) {
    this.#source = source;
    this.#onUnreadable = onUnreadable;
  }

  get entries(): readonly AccessEntry[] {
    return this.#entries;
  }

  take(): AccessEntry[] {
    const taken = this.#entries;
    this.#entries = [];
    return taken;
  }

  read(atLine: number, bytes: Buffer | null): void {
    this.lines++;
    const parsed =
      bytes === null
        ? ({ ok: false, reason: `longer than ${LINE_MAX_BYTES} bytes` } as const)
        : parseCombinedLine(bytes.toString('utf8').trimEnd());
    if (parsed.ok && bytes !== null) {
      const id = this.#ids.idOf(bytes, parsed.line.atMs);
      this.#entries.push({ ...parsed.line, id, source: this.#source });
    } else if (!parsed.ok) {
      this.unreadable++;
      this.#onUnreadable({ atLine, reason: parsed.reason });
    }
  }
}

/** Stores batches, a bounded number at once. A failure is thrown by the next call. */
class BatchStore {
  readonly #pool: Pick<LeaderPool, 'withClient'>;
  readonly #inFlight = new Set<Promise<void>>();
  #stored = 0;
  /** The last batch had entries that were there already: the next one probably has, too. */
  #someKnown = false;
  #failure: unknown = null;

  constructor(pool: Pick<LeaderPool, 'withClient'>) {
    this.#pool = pool;
  }

  async add(batch: readonly AccessEntry[]): Promise<void> {
    if (this.#failure !== null) throw this.#failure;
    if (batch.length === 0) return;
    const done = this.#store(batch).finally(() => this.#inFlight.delete(done));
    this.#inFlight.add(done);
    if (this.#inFlight.size >= BATCHES_IN_FLIGHT) await Promise.race(this.#inFlight);
  }

  /** How many were new, once all that was added is stored. */
  async settle(): Promise<number> {
    await Promise.all(this.#inFlight);
    if (this.#failure !== null) throw this.#failure;
    return this.#stored;
  }

  async #store(batch: readonly AccessEntry[]): Promise<void> {
    try {
      // Counted outside of the work, which may run twice: only its last run tells.
      const options = { someKnown: this.#someKnown };
      const stored = await this.#pool.withClient((client) => storeAccessEntries(client, batch, options));
      this.#someKnown = stored < batch.length;
      this.#stored += stored;
    } catch (error) {
      this.#failure ??= error;
    }
  }
}
