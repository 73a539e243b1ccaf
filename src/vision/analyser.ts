/**
 * Looks at the photos that wait, in the region that leads. What it has done is stored step by step, each step again
 * without harm: the pictures, the record, then that the photo is done. Killed in between, the photo still waits, and
 * whoever leads looks at it again; it has one record all the same.
 */
import type { Leader } from '../lib/bounded-leader.ts';
import { monotonicMs, Nap, pause, wallMs } from '../lib/clock.ts';
import type { Cohere } from '../lib/cohere/cohere.ts';
import { CohereFailure } from '../lib/cohere/failure.ts';
import { describeError, UnavailableError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { describe, keywords } from './describe.ts';
import { DETECTOR, type Detector, type Look } from './detect/detector.ts';
import { PhotoError } from './photo-error.ts';
import {
  nextWaiting,
  noteDone,
  noteFailure,
  type Photo,
  readPicture,
  removePhotos,
  storePictures,
  surplusSimulated,
} from './photo-store.ts';
import { derived, type StoredImage } from './records/record.ts';
import type { RecordStore } from './records/store.ts';
import { complianceScore } from './score.ts';

/** How long a photo that the other region took may wait to be noticed here. */
const POLL_MS = 1_000;
const RETRY_MS = 2_000;
const TIDY_EVERY_MS = 30_000;
const TIDY_BATCH = 500;
const RATE_WINDOW_MS = 60_000;

export type AnalyserParts = {
  readonly leader: Leader;
  /** Whether this region leads. */
  readonly leads: () => boolean;
  readonly records: RecordStore;
  /** One photo at a time each. */
  readonly detectors: readonly Pick<Detector, 'look'>[];
  /** Simulated photos of a site that are kept. */
  readonly keptSimulated: number;
  /** Puts what a photo shows into words; null: that is done here. */
  readonly describer: Pick<Cohere, 'describePhoto'> | null;
  readonly log: Log;
};

function recordOf(photo: Photo, look: Look, said: string | null): StoredImage {
  const { deviceType } = photo;
  const { surroundings } = look.analysis;
  const people = look.analysis.people.map((person, n) => ({ ...person, n }));
  const score = complianceScore(people);
  const now = new Date(wallMs()).toISOString();
  return {
    image_id: photo.imageId,
    site_id: photo.siteId,
    device_type: deviceType,
    camera: photo.camera,
    taken_at: photo.takenAt.toISOString(),
    simulated: photo.simulated,
    people,
    described_by: said === null ? 'local' : 'cohere',
    description: said ?? describe(people, deviceType, surroundings),
    keywords: keywords(people, deviceType, surroundings),
    compliance_score: score,
    width: look.width,
    height: look.height,
    file_name: photo.fileName,
    version: 1,
    detector: DETECTOR,
    received_at: photo.receivedAt.toISOString(),
    updated_at: now,
    ...derived(people, score),
    detected: people,
    review: null,
    overrides: [],
    surroundings,
  };
}

export class Analyser {
  readonly #parts: AnalyserParts;
  readonly #naps: Nap[];
  readonly #taken = new Map<string, Photo>();
  #ready: Photo[] = [];
  #filling: Promise<void> | null = null;
  #doneAtMs: number[] = [];
  #storeFailure: string | null = null;

  constructor(parts: AnalyserParts) {
    this.#parts = parts;
    this.#naps = parts.detectors.map(() => new Nap());
  }

  /** Why records could not be stored lately; null: they can. */
  get storeFailure(): string | null {
    return this.#storeFailure;
  }

  /** Over the last minute. */
  get photosPerS(): number {
    const since = monotonicMs() - RATE_WINDOW_MS;
    this.#doneAtMs = this.#doneAtMs.filter((at) => at >= since);
    return Math.round((this.#doneAtMs.length * 100_000) / RATE_WINDOW_MS) / 100;
  }

  /** Looks now instead of at the next turn. */
  hurry(): void {
    for (const nap of this.#naps) nap.end();
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.hurry(), { once: true });
    const lanes = this.#parts.detectors.map((detector, index) => this.#lane(detector, index, signal));
    await Promise.all([...lanes, this.#tidy(signal)]);
  }

  async #lane(detector: Pick<Detector, 'look'>, index: number, signal: AbortSignal): Promise<void> {
    let told: string | null = null;
    while (!signal.aborted) {
      let waitMs = 0;
      const photo = await this.#next(index).catch((error: unknown) => {
        waitMs = RETRY_MS;
        const failure = describeError(error);
        if (failure !== told && !signal.aborted) this.#parts.log.warn({ failure }, 'photos wait');
        told = failure;
        return null;
      });
      if (photo === null) waitMs ||= POLL_MS;
      else {
        told = null;
        await this.#work(detector, photo, signal);
        this.#taken.delete(photo.imageId);
      }
      if (waitMs > 0 && !signal.aborted) await this.#naps[index]?.take(waitMs);
    }
  }

  /**
   * null when none waits, or this region does not lead. A lane behind the first takes one only when there are more: the
   * memory of its thread is not spent on what one thread can do.
   */
  async #next(lane: number): Promise<Photo | null> {
    if (!this.#parts.leads()) {
      this.#ready = [];
      return null;
    }
    if (this.#ready.length <= lane) {
      this.#filling ??= this.#fill().finally(() => {
        this.#filling = null;
      });
      await this.#filling;
    }
    if (this.#ready.length <= lane) return null;
    const photo = this.#ready.shift() ?? null;
    if (photo !== null) this.#taken.set(photo.imageId, photo);
    return photo;
  }

  async #fill(): Promise<void> {
    const { leader, detectors } = this.#parts;
    const found = await nextWaiting(leader, 4 * detectors.length, [...this.#taken.keys()]);
    // Meanwhile a lane may have taken one of them.
    this.#ready = found.filter(({ imageId }) => !this.#taken.has(imageId));
  }

  async #work(detector: Pick<Detector, 'look'>, photo: Photo, signal: AbortSignal): Promise<void> {
    const { leader, log } = this.#parts;
    const { imageId, fileName } = photo;
    try {
      const bytes = await readPicture(leader, imageId, 'original');
      if (bytes === null) throw new PhotoError('broken', 'the file is no longer there');
      const look = await detector.look(bytes, signal);
      await storePictures(leader, imageId, look);
      await this.#store(recordOf(photo, look, await this.#describe(look, signal)), signal);
      await noteDone(leader, photo);
      this.#doneAtMs.push(monotonicMs());
    } catch (error) {
      if (signal.aborted) return;
      const failure = describeError(error);
      if (!(error instanceof PhotoError)) {
        log.warn({ failure, file: fileName }, 'the photo waits');
        await pause(RETRY_MS, signal);
        return;
      }
      log.warn({ failure, file: fileName }, 'the photo cannot be looked at');
      await noteFailure(leader, imageId, error.failure, error.publicMessage).catch((cause: unknown) =>
        log.warn({ failure: describeError(cause), file: fileName }, 'the photo waits'),
      );
    }
  }

  /** null when it is to be said here: without a key, and whenever Cohere fails. */
  async #describe(look: Look, signal: AbortSignal): Promise<string | null> {
    const { describer, log } = this.#parts;
    if (describer === null) return null;
    try {
      return await describer.describePhoto(look.shown, signal);
    } catch (error) {
      if (!(error instanceof CohereFailure)) throw error;
      log.warn({ failure: error.publicMessage }, 'a photo is described locally');
      return null;
    }
  }

  /** Waits for a store that is away with the record in hand: the look was the costly part. */
  async #store(record: StoredImage, signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await this.#parts.records.add(record);
        this.#storeFailure = null;
        return;
      } catch (error) {
        if (!(error instanceof UnavailableError) || signal.aborted) throw error;
        if (this.#storeFailure === null)
          this.#parts.log.warn({ failure: describeError(error) }, 'records wait');
        this.#storeFailure = error.publicMessage;
        // Another region that leads now stores it; this one starts again should it lead once more.
        if (!this.#parts.leads()) throw error;
        await pause(RETRY_MS, signal);
      }
    }
  }

  async #tidy(signal: AbortSignal): Promise<void> {
    const { leader, leads, records, keptSimulated, log } = this.#parts;
    while (await pause(TIDY_EVERY_MS, signal)) {
      if (!leads()) continue;
      try {
        const surplus = await surplusSimulated(leader, keptSimulated, TIDY_BATCH);
        if (surplus.length === 0) continue;
        await records.remove(surplus);
        await removePhotos(leader, surplus);
      } catch (error) {
        log.warn({ failure: describeError(error) }, 'simulated photos are not tidied');
      }
    }
  }
}
