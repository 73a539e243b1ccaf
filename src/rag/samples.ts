/** The documents that come with the project: added once, in the region that leads. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Leader } from '../lib/bounded-leader.ts';
import { pause } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { PROJECT_DIR } from '../lib/project.ts';
import { mediaTypeOf } from './extract/media-type.ts';
import { addSample } from './store.ts';

const SAMPLES_DIR = join(PROJECT_DIR, 'samples', 'documents');
const RETRY_MS = 2_000;

async function addAll(leader: Leader): Promise<void> {
  for (const fileName of (await readdir(SAMPLES_DIR)).sort()) {
    const content = await readFile(join(SAMPLES_DIR, fileName));
    const mediaType = mediaTypeOf(fileName, content);
    if (mediaType === null) throw new Error(`${fileName} is of no type that is read`);
    const documentId = createHash('sha256').update(content).digest('hex');
    await addSample(leader, { documentId, fileName, mediaType, content });
  }
}

/** Tries until it has worked or the signal aborts; the other region does the same, and one of both adds them. */
export async function addSamples(leader: Leader, log: Log, signal: AbortSignal): Promise<void> {
  do {
    try {
      return await addAll(leader);
    } catch (error) {
      if (!signal.aborted) log.warn({ failure: describeError(error) }, 'the samples are not added yet');
    }
  } while (await pause(RETRY_MS, signal));
}
