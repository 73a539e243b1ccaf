/**
 * One watched folder per site: a photo that is put there is sent to the vision service and then moved to the folder
 * `done` beside it, or to `failed` with a file that says why. Until then it stays, so that nothing is lost when the
 * service, or this process, is away.
 */
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { monotonicMs } from '../lib/clock.ts';
import { describeError, UsageError } from '../lib/errors.ts';
import { SITES } from '../lib/fleet.ts';
import type { Log } from '../lib/log.ts';
import { deviceTypeOfPath, type SentPhoto, type Uploaded } from '../lib/photo-upload.ts';

const DONE = 'done';
const FAILED = 'failed';
const MAX_FILE_BYTES = 64 * 1024 * 1024;
/** A file that did not change for this long is complete. */
const SETTLED_MS = 1_500;
/** Files of one look, so that one full folder does not hold up the others. */
const BATCH = 50;

export type InboxParts = {
  readonly dir: string;
  /** Throws UsageError when the service refuses the photo, another error when it is away. */
  readonly send: (photo: SentPhoto) => Promise<Uploaded>;
  readonly log: Log;
};

type Sighting = { readonly size: number; readonly mtimeMs: number; readonly sinceMs: number };

export class Inbox {
  readonly #parts: InboxParts;
  readonly #seen = new Map<string, Sighting>();

  constructor(parts: InboxParts) {
    this.#parts = parts;
  }

  async prepare(): Promise<void> {
    for (const { id } of SITES) await mkdir(join(this.#parts.dir, id), { recursive: true });
  }

  /** One look into every folder. Rejects when the service is away: what is there is sent at the next look. */
  async look(): Promise<void> {
    const present = new Set<string>();
    for (const { id } of SITES) {
      for (const path of await this.#files(join(this.#parts.dir, id))) {
        present.add(path);
        if (await this.#isComplete(path)) await this.#take(id, path);
      }
    }
    for (const path of this.#seen.keys()) {
      if (!present.has(path)) this.#seen.delete(path);
    }
  }

  /** In a site's folder, and in its folders that are named for a type of device. */
  async #files(dir: string): Promise<string[]> {
    const files: string[] = [];
    for (const entry of await readdir(dir, { withFileTypes: true }).catch(() => [])) {
      const path = join(dir, entry.name);
      if (entry.isFile() && !entry.name.startsWith('.')) files.push(path);
      else if (entry.isDirectory() && entry.name !== DONE && entry.name !== FAILED) {
        const inner = await readdir(path, { withFileTypes: true }).catch(() => []);
        files.push(
          ...inner
            .filter((one) => one.isFile() && !one.name.startsWith('.'))
            .map((one) => join(path, one.name)),
        );
      }
    }
    return files.sort().slice(0, BATCH);
  }

  async #isComplete(path: string): Promise<boolean> {
    const now = monotonicMs();
    const { size, mtimeMs } = await stat(path);
    const before = this.#seen.get(path);
    if (before?.size !== size || before.mtimeMs !== mtimeMs) {
      this.#seen.set(path, { size, mtimeMs, sinceMs: now });
      return false;
    }
    return now - before.sinceMs >= SETTLED_MS;
  }

  async #take(siteId: string, path: string): Promise<void> {
    const { dir, send, log } = this.#parts;
    const fileName = basename(path);
    try {
      const { size, mtime } = await stat(path);
      if (size > MAX_FILE_BYTES)
        throw new UsageError(`it has ${size} bytes, more than the ${MAX_FILE_BYTES} that are taken`);
      const deviceType = deviceTypeOfPath(path);
      if (deviceType === null) {
        throw new UsageError(
          'its type of device is not known: put it in a folder named turbine, thermal_engine, electrical_rotor or ogd',
        );
      }
      const content = await readFile(path);
      const photo = {
        siteId,
        deviceType,
        fileName,
        content,
        takenAt: mtime.toISOString(),
        camera: `${siteId}-inbox`,
      };
      const { added } = await send(photo);
      await this.#move(path, join(dir, siteId, DONE));
      log.info({ file: fileName, site: siteId, added }, 'photo sent');
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const to = await this.#move(path, join(dir, siteId, FAILED));
      // Whoever sees the file sees all of it.
      await writeFile(`${to}.txt.part`, `${error.message}\n`);
      await rename(`${to}.txt.part`, `${to}.txt`);
      log.warn({ file: fileName, site: siteId, failure: describeError(error) }, 'photo refused');
    }
  }

  /** Under a name that is free there; where it is now. */
  async #move(path: string, dir: string): Promise<string> {
    await mkdir(dir, { recursive: true });
    for (let copy = 0; ; copy++) {
      const name = copy === 0 ? basename(path) : `${copy}-${basename(path)}`;
      const to = join(dir, name);
      const taken = await stat(to).then(
        () => true,
        () => false,
      );
      if (taken) continue;
      await rename(path, to);
      this.#seen.delete(path);
      return join(dirname(to), name);
    }
  }
}
