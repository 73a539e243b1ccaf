/**
 * The WAL of a deposed leader, on both sides of where the timelines parted. After it: nothing in it was
 * acknowledged, and pg_rewind removes it; a copy is kept for whoever wants to know what it was, and the newest few
 * copies stay. Before it: pg_rewind removes that as well, and recovery needs it; it is put back.
 */
import { execFile } from 'node:child_process';
import {
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { formatLsn, parseLsn } from '../../lib/lsn.ts';

const run = promisify(execFile);

const SEGMENT_NAME = /^[0-9A-F]{24}$/;
const COPIES_KEPT = 3;
/** xlp_pageaddr in XLogPageHeaderData (src/include/access/xlog_internal.h), after magic, info and timeline. */
const PAGE_ADDRESS_AT = 8;
/** A fork is short: it lasts from the takeover to the old leader's end. Recycled segments follow it on disk. */
const SEGMENTS_MAX = 32;

/** Of "0000000100000000000000A7", the 1. */
const timelineOf = (name: string): number => Number.parseInt(name.slice(0, 8), 16);

/** The LSN at which the segment begins. */
function startOf(name: string, segmentBytes: number): bigint {
  const high = BigInt(`0x${name.slice(8, 16)}`);
  const low = BigInt(`0x${name.slice(16, 24)}`);
  return (high << 32n) + low * BigInt(segmentBytes);
}

/** The newest timeline that a directory of WAL has segments of; 0 without any. Pure. */
export function newestTimeline(names: readonly string[]): number {
  return Math.max(0, ...names.filter((name) => SEGMENT_NAME.test(name)).map(timelineOf));
}

/**
 * Segments that hold what was written on `timeline` after it was left, oldest first. `history` is the new
 * leader's timeline history: lines of a parent timeline and the LSN at which it was left. Pure.
 */
export function forkedSegments(
  names: readonly string[],
  segmentBytes: number,
  timeline: number,
  history: string,
): string[] {
  const isForked = (name: string, endsAt: bigint, leftAt: bigint): boolean =>
    timelineOf(name) === timeline && endsAt > leftAt;
  return segmentsWhere(names, segmentBytes, leftAtOf(timeline, history), isForked).slice(0, SEGMENTS_MAX);
}

/** Segments that hold only what was written before `timeline` was left: they are the same everywhere. Pure. */
export function sharedSegments(
  names: readonly string[],
  segmentBytes: number,
  timeline: number,
  history: string,
): string[] {
  const isShared = (name: string, endsAt: bigint, leftAt: bigint): boolean =>
    timelineOf(name) <= timeline && endsAt <= leftAt;
  return segmentsWhere(names, segmentBytes, leftAtOf(timeline, history), isShared);
}

/** Oldest first; none when the timeline was never left. */
function segmentsWhere(
  names: readonly string[],
  segmentBytes: number,
  leftAt: bigint | null,
  belongs: (name: string, endsAt: bigint, leftAt: bigint) => boolean,
): string[] {
  if (leftAt === null) return [];
  return names
    .filter((name) => SEGMENT_NAME.test(name))
    .filter((name) => belongs(name, startOf(name, segmentBytes) + BigInt(segmentBytes), leftAt))
    .sort();
}

/** The LSN at which the history leaves the timeline; null when it never did. */
function leftAtOf(timeline: number, history: string): bigint | null {
  const left = history
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([parent]) => Number(parent) === timeline)?.[1];
  return left === undefined ? null : parseLsn(left);
}

/**
 * Whether the directory has a record where the timeline was left: something of its own. Without one its WAL ends there
 * or before, as after a handover. True as well when that cannot be told: then it is rewound.
 */
export async function hasForked(
  binDir: string,
  dataDir: string,
  timeline: number,
  history: string,
): Promise<boolean> {
  const wal = join(dataDir, 'pg_wal');
  const segmentBytes = segmentBytesOf(wal);
  const leftAt = leftAtOf(timeline, history);
  if (leftAt === null || segmentBytes === 0) return true;
  // pg_waldump waits for a segment that is not there.
  if (!existsSync(join(wal, segmentAt(timeline, leftAt, segmentBytes)))) return false;
  const at = formatLsn(leftAt);
  try {
    await run(join(binDir, 'pg_waldump'), [
      `--path=${wal}`,
      `--timeline=${timeline}`,
      `--start=${at}`,
      '--limit=1',
    ]);
    return true;
  } catch (error) {
    return !(error instanceof Error && error.message.includes(`could not find a valid record after ${at}`));
  }
}

/** The name of the segment that holds the LSN. */
function segmentAt(timeline: number, lsn: bigint, segmentBytes: number): string {
  const perLog = 0x1_0000_0000n / BigInt(segmentBytes);
  const segment = lsn / BigInt(segmentBytes);
  return [BigInt(timeline), segment / perLog, segment % perLog]
    .map((part) => part.toString(16).toUpperCase().padStart(8, '0'))
    .join('');
}

/**
 * Puts back after `rewind` what it removes of the WAL before the fork. pg_rewind makes pg_wal what the leader's is,
 * which has recycled WAL from before its own last checkpoint; but recovery begins at the last checkpoint that both
 * have, and this server has all WAL since then itself. (PostgreSQL 17's pg_rewind keeps it.)
 */
export async function keepingSharedWal(
  dataDir: string,
  timeline: number,
  history: string,
  rewind: () => Promise<void>,
): Promise<void> {
  const wal = join(dataDir, 'pg_wal');
  const kept = `${dataDir}.kept-wal`;
  rmSync(kept, { recursive: true, force: true });
  mkdirSync(kept, { mode: 0o700 });
  const segmentBytes = segmentBytesOf(wal);
  const shared = sharedSegments(readdirSync(wal), segmentBytes, timeline, history);
  for (const name of shared) linkSync(join(wal, name), join(kept, name));
  try {
    await rewind();
    for (const name of shared) {
      const intact = pageAddressOf(join(kept, name)) === startOf(name, segmentBytes);
      if (intact && !existsSync(join(wal, name))) renameSync(join(kept, name), join(wal, name));
    }
  } finally {
    rmSync(kept, { recursive: true, force: true });
  }
}

/**
 * The LSN that the first page of a segment says it has. Crash recovery renames segments for later use, and the
 * rewind may write to one of those: what is no longer what its name says must not be put back.
 */
function pageAddressOf(path: string): bigint | null {
  const header = Buffer.alloc(PAGE_ADDRESS_AT + 8);
  const file = openSync(path, 'r');
  try {
    return readSync(file, header) < header.length ? null : header.readBigUInt64LE(PAGE_ADDRESS_AT);
  } finally {
    closeSync(file);
  }
}

/** 0 when there is no segment. */
function segmentBytesOf(wal: string): number {
  const any = readdirSync(wal).find((name) => SEGMENT_NAME.test(name));
  return any === undefined ? 0 : statSync(join(wal, any)).size;
}

/**
 * Copies the fork of a stopped server beside its data directory, named by `label`. Returns the directory, or
 * null when there is no fork. `history`: of the leader that it is to follow.
 */
export function archiveFork(
  dataDir: string,
  timeline: number,
  history: string,
  label: string,
): string | null {
  const from = join(dataDir, 'pg_wal');
  const segments = forkedSegments(readdirSync(from), segmentBytesOf(from), timeline, history);
  if (segments.length === 0) return null;
  const parent = `${dataDir}.forked`;
  const to = join(parent, label);
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const name of segments) copyFileSync(join(from, name), join(to, name));
  removeOldCopies(parent);
  return to;
}

function removeOldCopies(parent: string): void {
  const copies = existsSync(parent) ? readdirSync(parent).sort() : [];
  for (const name of copies.slice(0, Math.max(0, copies.length - COPIES_KEPT))) {
    rmSync(join(parent, name), { recursive: true, force: true });
  }
}
