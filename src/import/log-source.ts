/** A log file as bytes: plain or gzip, which its first two bytes tell. */
import { closeSync, createReadStream, openSync, readSync, statSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { describeError, UsageError } from '../lib/errors.ts';

const CHUNK_BYTES = 256 * 1024;
const GZIP_MAGIC = 0x1f8b;

export type LogSource = {
  /** Of the file as it is stored. */
  readonly totalBytes: number;
  readonly readBytes: () => number;
  readonly chunks: AsyncIterable<Buffer>;
};

/** Throws UsageError on what is no file that can be read. */
export function openLogSource(path: string): LogSource {
  const totalBytes = sizeOf(path);
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const chunks: Readable = isGzip(path)
    ? pipeline(file, createGunzip({ chunkSize: CHUNK_BYTES }), () => {})
    : file;
  return { totalBytes, readBytes: () => file.bytesRead, chunks };
}

function sizeOf(path: string): number {
  try {
    const stat = statSync(path);
    if (!stat.isFile()) throw new Error('it is not a file');
    return stat.size;
  } catch (error) {
    throw new UsageError(`cannot import ${path}: ${describeError(error)}`);
  }
}

function isGzip(path: string): boolean {
  const start = Buffer.alloc(2);
  const file = openSync(path, 'r');
  try {
    return readSync(file, start) === 2 && start.readUInt16BE() === GZIP_MAGIC;
  } finally {
    closeSync(file);
  }
}
