/** `tier0 import logs FILE…`: reads access logs of Apache and nginx into a running instance. */

import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { pino } from 'pino';
import { monotonicMs } from '../lib/clock.ts';
import { ClusterWatch, WRITER_POLL_MS } from '../lib/cluster.ts';
import { describeError, UsageError } from '../lib/errors.ts';
import { LeaderPool } from '../lib/leader-pool.ts';
import { isAlive, readRunState } from '../lib/run-state.ts';
import { readSecrets } from '../lib/secrets.ts';
import { topology } from '../lib/topology.ts';
import { type Imported, importLogFile, type Unreadable } from './import-logs.ts';
import { ProgressBar } from './progress-bar.ts';

/** A failover in the middle of an import is waited for, an outage is not. */
const WAIT_MS = 60_000;
/** Bad lines that are shown; all of them go where --rejects says. */
const SHOWN_MAX = 20;

export type ImportOptions = {
  readonly dataDir: string;
  readonly portOffset: number;
  readonly files: readonly string[];
  /** Where every line that could not be read is noted; null: nowhere. */
  readonly rejects: string | null;
};

type Print = (line: string) => void;

/** Exit code 0 when every file was read to its end and none had only unreadable lines, 1 otherwise. */
export async function importLogs(options: ImportOptions, print: Print): Promise<number> {
  const { dataDir, portOffset, files } = options;
  if (files.length === 0) throw new UsageError('import logs takes one file or more');
  if (!isAlive(readRunState(dataDir, 'up'))) throw new UsageError(`no instance runs in ${dataDir}`);
  const at = topology(portOffset);
  const log = pino({ level: 'silent' });
  const watch = new ClusterWatch({ topology: at, self: 'witness', pollMs: WRITER_POLL_MS, log });
  watch.start();
  const pool = new LeaderPool({
    topology: at,
    watch,
    user: 'tier0_log',
    password: readSecrets(dataDir).postgres.log,
    log,
    maxConnections: 2,
    applicationName: 'import',
    hold: { windowMs: WAIT_MS, maxFailoverMs: WAIT_MS },
  });
  const rejects = options.rejects === null ? null : await openRejects(options.rejects);
  try {
    let failed = false;
    for (const file of files) failed = !(await importOne(file, pool, rejects, print)) || failed;
    return failed ? 1 : 0;
  } finally {
    await pool.close();
    await watch.close();
    if (rejects !== null) await new Promise<void>((resolve) => rejects.end(resolve));
  }
}

async function openRejects(path: string): Promise<WriteStream> {
  const stream = createWriteStream(path);
  try {
    await once(stream, 'open');
  } catch (error) {
    throw new UsageError(`cannot write ${path}: ${describeError(error)}`);
  }
  return stream;
}

/** False when nothing of the file could be used. */
async function importOne(
  file: string,
  pool: LeaderPool,
  rejects: WriteStream | null,
  print: Print,
): Promise<boolean> {
  const bar = new ProgressBar(process.stderr, file, 'lines');
  const shown: Unreadable[] = [];
  const startedMs = monotonicMs();
  let imported: Imported;
  try {
    imported = await importLogFile(file, pool, {
      onUnreadable: (unreadable) => {
        if (shown.length < SHOWN_MAX) shown.push(unreadable);
        rejects?.write(`${file}:${unreadable.atLine}: ${unreadable.reason}\n`);
      },
      onProgress: (readBytes, totalBytes, lines) => bar.show(readBytes, totalBytes, lines),
    });
  } finally {
    bar.end();
  }
  const seconds = (monotonicMs() - startedMs) / 1_000;
  const { lines, stored, known, unreadable } = imported;
  print(
    `${file}: ${lines} lines in ${seconds.toFixed(1)} s (${Math.round(lines / seconds)} a second): ` +
      `${stored} stored, ${known} were there already, ${unreadable} could not be read`,
  );
  for (const { atLine, reason } of shown) print(`  line ${atLine}: ${reason}`);
  if (unreadable > shown.length) {
    print(
      `  and ${unreadable - shown.length} more${rejects === null ? '; --rejects FILE notes all of them' : ''}`,
    );
  }
  return lines === 0 || unreadable < lines;
}
