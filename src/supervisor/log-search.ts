/** Finds lines in the logs of all processes, the rotated ones too, in the order of their times. */
import { createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { wallMs } from '../lib/clock.ts';
import { UsageError } from '../lib/errors.ts';
import { GROUPS } from '../lib/topology.ts';
import { LOG_KEEP_FILES } from './log-file.ts';

/** Which files: null, or undefined, is every one. */
export type LogChoice = {
  /** As `status` names a process: "region1-ingest" or "ingest". */
  readonly process: string | undefined;
  readonly role: string | undefined;
  readonly region: string | undefined;
};
export type LogFilter = {
  readonly pattern: RegExp | null;
  /** Unix milliseconds. */
  readonly sinceMs: number | null;
};
type LogLine = { readonly atMs: number; readonly text: string };

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
const TIME = /"time":"([^"]{10,40})"/;

/** "90s", "10m", "2h", "1d" before now, or a time as ISO 8601. Throws UsageError. Pure. */
export function parseSince(text: string, nowMs: number): number {
  const [, count, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return nowMs - Number(count) * (SECONDS[unit] ?? 0) * 1_000;
  const at = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new UsageError(
      `--since takes 90s, 10m, 2h, 1d or a time such as 2026-11-25T18:00:00Z, not "${text}"`,
    );
  return at;
}

/** Throws UsageError. Pure. */
export function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text);
  } catch {
    throw new UsageError(`--grep takes a regular expression, and "${text}" is none`);
  }
}

/** What `--grep` and `--since` say; null: neither is given. Throws UsageError. */
export function logFilter(grep: string | undefined, since: string | undefined): LogFilter | null {
  if (grep === undefined && since === undefined) return null;
  return {
    pattern: grep === undefined ? null : parsePattern(grep),
    sinceMs: since === undefined ? null : parseSince(since, wallMs()),
  };
}

/** The processes that have a log and are chosen, as "region1-ingest". Throws UsageError when there is none. */
export function chosenLogs(dir: string, choice: LogChoice): { stem: string; path: string }[] {
  const known = existsSync(dir)
    ? readdirSync(dir)
        .filter((file) => /\.(log|json)$/.test(file))
        .sort()
        .map((file) => ({ stem: file.replace(/\.(log|json)$/, ''), path: join(dir, file) }))
    : [];
  const { process, role, region } = choice;
  if (region !== undefined && !GROUPS.some((group) => group === region))
    throw new UsageError(`--region takes one of: ${GROUPS.join(', ')}; not "${region}"`);
  const isNamed = (stem: string, name: string): boolean => stem === name || stem.endsWith(`-${name}`);
  const chosen = known.filter(
    ({ stem }) =>
      (process === undefined || isNamed(stem, process)) &&
      (role === undefined || isNamed(stem, role)) &&
      (region === undefined || stem.startsWith(`${region}-`)),
  );
  if (chosen.length > 0) return chosen;
  const asked = [process, role, region].filter((word) => word !== undefined).join(' ');
  const names = known.map(({ stem }) => stem).join(', ');
  throw new UsageError(
    asked === '' ? `no logs in ${dir} yet` : `no log of "${asked}"; there are: ${names || 'none yet'}`,
  );
}

/** The newest `limit` lines that match, the oldest first. */
export async function searchLogs(
  paths: readonly string[],
  filter: LogFilter,
  limit: number,
): Promise<LogLine[]> {
  if (limit === 0) return [];
  const found: LogLine[] = [];
  for (const path of paths) found.push(...(await searchLog(path, filter, limit)));
  return found.sort((a, b) => a.atMs - b.atMs).slice(-limit);
}

/** A line without a time has that of the line before it. */
async function searchLog(path: string, { pattern, sinceMs }: LogFilter, limit: number): Promise<LogLine[]> {
  const found: LogLine[] = [];
  let atMs = 0;
  for await (const text of linesOf(path, sinceMs)) {
    const time = Date.parse(TIME.exec(text)?.[1] ?? '');
    if (!Number.isNaN(time)) atMs = time;
    if ((sinceMs !== null && atMs < sinceMs) || pattern?.test(text) === false) continue;
    found.push({ atMs, text });
    if (found.length > 2 * limit) found.splice(0, found.length - limit);
  }
  return found.slice(-limit);
}

/** Of a log and its rotated ones, the oldest first; of those only what was written to since then. */
async function* linesOf(path: string, sinceMs: number | null): AsyncGenerator<string> {
  const rotated = Array.from({ length: LOG_KEEP_FILES }, (_, n) => `${path}.${LOG_KEEP_FILES - n}`);
  for (const file of [...rotated, path]) {
    const stat = statSync(file, { throwIfNoEntry: false });
    if (stat === undefined || (sinceMs !== null && stat.mtimeMs < sinceMs)) continue;
    yield* createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY });
  }
}
