/**
 * The WAL that a deposed leader wrote after the timelines parted: nothing in it was acknowledged, and pg_rewind
 * removes it. A copy is kept for whoever wants to know what it was; the newest few copies stay.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseLsn } from '../../lib/lsn.ts';

const SEGMENT_NAME = /^[0-9A-F]{24}$/;
const COPIES_KEPT = 3;
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
  const left = history
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .find(([parent]) => Number(parent) === timeline)?.[1];
  if (left === undefined) return [];
  const leftAt = parseLsn(left);
  return names
    .filter((name) => SEGMENT_NAME.test(name) && timelineOf(name) === timeline)
    .filter((name) => startOf(name, segmentBytes) + BigInt(segmentBytes) > leftAt)
    .sort()
    .slice(0, SEGMENTS_MAX);
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
  const names = readdirSync(from);
  const any = names.find((name) => SEGMENT_NAME.test(name));
  if (any === undefined) return null;
  const segments = forkedSegments(names, statSync(join(from, any)).size, timeline, history);
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
