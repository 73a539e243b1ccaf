/**
 * Reads documents that were added and gives their passages vectors, in the region that leads: one of the two works.
 * Everything it has done is in the database, so the other one goes on where it stopped.
 */
import type { Leader } from '../lib/bounded-leader.ts';
import { Nap } from '../lib/clock.ts';
import { COHERE_IMAGE_MODEL, type Cohere } from '../lib/cohere/cohere.ts';
import type { Embedder } from '../lib/embed/embedder.ts';
import { describeError, UnavailableError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { extract } from './extract/extract.ts';
import { ExtractError } from './extract/extract-error.ts';
import { isMediaType } from './extract/media-type.ts';
import { nextImagesWithoutVectors, readPictures, storeImageVectors } from './image-vectors.ts';
import { textOf } from './passage-text.ts';
import { passagesOf } from './passages.ts';
import { nextToRead, noteFailure, noteProgress, type StoredFile, storePassages } from './store.ts';
import { nextWithoutVectors, noteIndexed, storeVectors } from './vector-store.ts';

/** How long a new document may wait to be noticed by the other region's indexer. */
const POLL_MS = 1_000;
/** After an embedder failed: a service that is away is not asked without a pause. */
const EMBED_RETRY_MS = 5_000;
/** Few enough that a document that is added meanwhile is read soon. */
const BATCH = 32;
/** Pictures of one turn: each is a call of its own. */
const PICTURES = 8;
const PROGRESS_PAGES = 25;

export type IndexerParts = {
  readonly leader: Leader;
  /** Whether this region leads. */
  readonly leads: () => boolean;
  readonly embedders: readonly [Embedder, ...Embedder[]];
  /** null: without a key. */
  readonly cohere: Pick<Cohere, 'embedImages'> | null;
  readonly limits: { readonly maxPages: number; readonly readTimeoutMs: number };
  /** Told when there is something new in the database. */
  readonly onStored: () => void;
  readonly log: Log;
};

export class Indexer {
  readonly #parts: IndexerParts;
  readonly #nap = new Nap();
  #failure: string | null = null;

  constructor(parts: IndexerParts) {
    this.#parts = parts;
  }

  /** Looks now instead of at the next turn. */
  hurry(): void {
    this.#nap.end();
  }

  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.#nap.end(), { once: true });
    while (!signal.aborted) {
      let waitMs = POLL_MS;
      try {
        if (this.#parts.leads() && (await this.#step(signal))) waitMs = 0;
        this.#failure = null;
      } catch (error) {
        waitMs = EMBED_RETRY_MS;
        this.#tell(error, signal);
      }
      if (waitMs > 0 && !signal.aborted) await this.#nap.take(waitMs);
    }
  }

  #tell(error: unknown, signal: AbortSignal): void {
    const failure = describeError(error);
    if (failure !== this.#failure && !signal.aborted) this.#parts.log.warn({ failure }, 'indexing pauses');
    this.#failure = failure;
  }

  /** True when something was done: then there may be more. */
  async #step(signal: AbortSignal): Promise<boolean> {
    const file = await nextToRead(this.#parts.leader);
    if (file !== null) {
      await this.#read(file, signal);
      return true;
    }
    for (const embedder of this.#parts.embedders) {
      if (await this.#embed(embedder, signal)) return true;
    }
    return (await this.#embedImages(signal)) || this.#embedPictures(signal);
  }

  async #read(file: StoredFile, signal: AbortSignal): Promise<void> {
    const { leader, limits, log, onStored } = this.#parts;
    const { documentId, fileName, mediaType, content } = file;
    let noted = Promise.resolve();
    let noting = false;
    const onProgress = (pagesRead: number, pages: number): void => {
      if (noting || (pagesRead % PROGRESS_PAGES !== 0 && pagesRead !== 1)) return;
      noting = true;
      noted = noteProgress(leader, documentId, pagesRead, pages)
        .catch((error: unknown) => log.debug({ failure: describeError(error) }, 'progress is not noted'))
        .finally(() => {
          noting = false;
        });
    };
    try {
      if (!isMediaType(mediaType)) throw new ExtractError('unsupported', `${mediaType} is not read`);
      const extracted = await extract(content, mediaType, {
        signal,
        timeoutMs: limits.readTimeoutMs,
        maxPages: limits.maxPages,
        onProgress,
      });
      await noted;
      const passages = passagesOf(extracted);
      if (passages.length === 0) throw new ExtractError('no_text', 'the document holds no text');
      await storePassages(leader, documentId, extracted.title, extracted.pages.length, passages);
      log.info({ file: fileName, pages: extracted.pages.length, passages: passages.length }, 'document read');
      onStored();
    } catch (error) {
      await noted;
      if (signal.aborted) return;
      if (!(error instanceof ExtractError)) throw error;
      log.warn({ file: fileName, failure: error.message }, 'document cannot be read');
      await noteFailure(leader, documentId, error.failure, error.publicMessage);
    }
  }

  /** What photos show is said in few words, again and again: each sentence is encoded once. */
  async #embedImages(signal: AbortSignal): Promise<boolean> {
    const { leader, embedders } = this.#parts;
    const [embedder] = embedders;
    const images = await nextImagesWithoutVectors(leader, embedder.model, BATCH);
    if (images.length === 0) return false;
    const texts = [...new Set(images.map(({ text }) => text))];
    const vectors = await embedder.embed(texts, 'passage', signal);
    const made = images.map((image) => {
      const vector = vectors[texts.indexOf(image.text)];
      if (vector === undefined) throw new UnavailableError(`${embedder.model} gave too few vectors`);
      return { ...image, vector };
    });
    await storeImageVectors(leader, embedder.model, made);
    return true;
  }

  /** With a Cohere key, what the photos themselves look like. */
  async #embedPictures(signal: AbortSignal): Promise<boolean> {
    const { leader, cohere } = this.#parts;
    if (cohere === null) return false;
    const images = await nextImagesWithoutVectors(leader, COHERE_IMAGE_MODEL, PICTURES);
    const pictures = await readPictures(leader, images);
    if (pictures.length === 0) return false;
    const vectors = await cohere.embedImages(
      pictures.map(({ jpeg }) => jpeg),
      signal,
    );
    const made = pictures.flatMap((picture, index) => {
      const vector = vectors[index];
      return vector === undefined ? [] : [{ ...picture, vector }];
    });
    await storeImageVectors(leader, COHERE_IMAGE_MODEL, made);
    return true;
  }

  async #embed(embedder: Embedder, signal: AbortSignal): Promise<boolean> {
    const { leader, onStored } = this.#parts;
    const missing = await nextWithoutVectors(leader, embedder.model, BATCH);
    if (missing === null) {
      if (embedder === this.#parts.embedders[0]) await noteIndexed(leader, embedder.model);
      return false;
    }
    const { documentId, passages } = missing;
    const texts = passages.map(textOf);
    const vectors = await embedder.embed(texts, 'passage', signal);
    const stored = passages.map(({ ordinal, content }, index) => {
      const vector = vectors[index];
      if (vector === undefined) throw new UnavailableError(`${embedder.model} gave too few vectors`);
      return { ordinal, content, vector };
    });
    await storeVectors(leader, embedder.model, documentId, stored);
    onStored();
    return true;
  }
}
