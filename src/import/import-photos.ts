/** `tier0 import photos PATH…`: sends photos to a running instance and waits until they have been looked at. */
import { readFile, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { askService } from '../lib/ask-service.ts';
import { monotonicMs, sleep } from '../lib/clock.ts';
import { describeError, UsageError } from '../lib/errors.ts';
import {
  deviceTypeOfPath,
  PHOTO_ENDINGS,
  siteOfPath,
  type Uploaded,
  uploadPhoto,
} from '../lib/photo-upload.ts';
import { topology } from '../lib/topology.ts';
import { filesOf } from './files.ts';
import { ProgressBar } from './progress-bar.ts';

const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** A failover in the middle of an import, and a queue that is full for a while, are waited for. */
const WAIT_MS = 120_000;
const POLL_MS = 500;
/** Photos that take longer are looked at in the background. */
const LOOK_LIMIT_MS = 30 * 60_000;

export type ImportPhotosOptions = {
  readonly portOffset: number;
  readonly paths: readonly string[];
  /** null: the folder's name says it. */
  readonly siteId: string | null;
  /** null: the name of the file or of its folder says it. */
  readonly deviceType: string | null;
};

type Print = (line: string) => void;
const Queue = Type.Object({
  waiting: Type.Integer(),
  store_failure: Type.Union([Type.Null(), Type.String()]),
  failed: Type.Array(Type.Object({ image_id: Type.String(), message: Type.String() })),
});

/** Exit code 0 when every file has been looked at, 1 otherwise. */
export async function importPhotos(options: ImportPhotosOptions, print: Print): Promise<number> {
  if (options.paths.length === 0) throw new UsageError('import photos takes one file or folder or more');
  const { host, edge } = topology(options.portOffset);
  const service = `http://${host}:${edge.vision}`;
  const files = await filesOf(options.paths, PHOTO_ENDINGS);
  if (files.length === 0) throw new UsageError('these folders hold no photo');
  const bar = new ProgressBar(process.stderr, 'photos', 'sent');
  const sent = new Map<string, string>();
  let [known, refused] = [0, 0];
  try {
    for (const [index, file] of files.entries()) {
      try {
        const { image_id, added } = await send(service, file, options);
        if (added) sent.set(image_id, file);
        else known += 1;
      } catch (error) {
        refused += 1;
        print(`${file}: ${describeError(error)}`);
      }
      bar.show(index + 1, files.length, index + 1);
    }
  } finally {
    bar.end();
  }
  const startedMs = monotonicMs();
  const failed = sent.size === 0 ? 0 : await untilSeen(service, sent, print);
  const seconds = ((monotonicMs() - startedMs) / 1_000).toFixed(1);
  const seen = sent.size - failed;
  print(
    `${files.length} files: ${seen} looked at (${seconds} s), ${known} were there already, ${refused + failed} failed`,
  );
  return refused + failed === 0 ? 0 : 1;
}

async function send(service: string, file: string, options: ImportPhotosOptions): Promise<Uploaded> {
  const { size, mtime } = await stat(file);
  if (size > MAX_FILE_BYTES)
    throw new UsageError(`it has ${size} bytes, more than the ${MAX_FILE_BYTES} that are taken`);
  const path = resolve(file);
  const siteId = options.siteId ?? siteOfPath(path);
  if (siteId === null)
    throw new UsageError('its site is not known: name it with --site, or put it in a folder of that name');
  const deviceType = options.deviceType ?? deviceTypeOfPath(path);
  if (deviceType === null)
    throw new UsageError('its type of device is not known: name it with --type, or in its name');
  const photo = {
    siteId,
    deviceType,
    fileName: basename(file),
    content: await readFile(file),
    takenAt: mtime.toISOString(),
    camera: `${siteId}-import`,
  };
  return uploadPhoto(service, photo, WAIT_MS);
}

/** How many could not be looked at; each is told. */
async function untilSeen(service: string, sent: ReadonlyMap<string, string>, print: Print): Promise<number> {
  const bar = new ProgressBar(process.stderr, 'photos', 'looked at');
  const deadlineMs = monotonicMs() + LOOK_LIMIT_MS;
  let told: string | null = null;
  try {
    for (;;) {
      const queue = Value.Parse(Queue, await askService(`${service}/api/images/queue`, {}, WAIT_MS));
      const seen = Math.max(0, sent.size - queue.waiting);
      if (queue.waiting > 0) bar.show(seen, sent.size, seen);
      if (queue.store_failure !== null && queue.store_failure !== told) print(queue.store_failure);
      told = queue.store_failure;
      if (queue.waiting === 0) {
        const failed = queue.failed.filter(({ image_id }) => sent.has(image_id));
        bar.end();
        for (const { image_id, message } of failed) print(`${sent.get(image_id) ?? image_id}: ${message}`);
        return failed.length;
      }
      if (monotonicMs() > deadlineMs) {
        throw new UsageError(
          `${queue.waiting} photos are still to be looked at; the page shows how far it is`,
        );
      }
      await sleep(POLL_MS);
    }
  } finally {
    bar.end();
  }
}
