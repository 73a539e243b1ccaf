/** From a question to an answer: which sources, each one's part, and what was put together from them. */
import type { Database } from '../lib/bounded-leader.ts';
import { monotonicMs, wallMs, within } from '../lib/clock.ts';
import { COHERE_IMAGE_MODEL, type Cohere } from '../lib/cohere/cohere.ts';
import { CohereFailure } from '../lib/cohere/failure.ts';
import { answerFromHits } from './answer/answer.ts';
import { answerFromData, type DataDeps } from './data/answer.ts';
import type { NearPhoto } from './data/image-answers.ts';
import { nearestImages } from './image-vectors.ts';
import type { Library } from './library.ts';
import { combine } from './routing/combine.ts';
import { documentsPart } from './routing/documents-part.ts';
import { type Route, route } from './routing/route.ts';
import type { AnswerBody, RouteEvent, Source } from './schemas.ts';
import type { QueryStats } from './stats.ts';
import { synthesize } from './synthesis.ts';
import type { PartialAnswer } from './types.ts';

/** Passages that are found by the local path. */
const FOUND = 30;
const NEAR_PHOTOS = 12;
/** Without the question's vector in this time, words alone have to do. */
const EMBED_LIMIT_MS = 1_500;
/** Of a question over data; the database ends a statement after half of it. */
const DATA_LIMIT_MS = 10_000;

export type AskOptions = {
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  readonly onRoute?: (route: RouteEvent) => void;
  readonly onDelta?: (text: string) => void;
};

export type AnsweringParts = {
  readonly library: Library;
  /** Connects as the role that only reads. */
  readonly reader: Database;
  readonly live: DataDeps['fetchJson'];
  /** null: without a key. */
  readonly cohere: Cohere | null;
  readonly stats: QueryStats;
};

/** One source's part, and what Cohere had to do with it. */
type Part = PartialAnswer & { readonly synthesized: boolean; readonly failure: CohereFailure | null };

export class Answering {
  readonly #parts: AnsweringParts;

  constructor(parts: AnsweringParts) {
    this.#parts = parts;
  }

  /** `source`: the only one to be asked; null: those that the question points to. Throws UnavailableError. */
  async ask(question: string, source: Source | null, options: AskOptions): Promise<AnswerBody> {
    const startedMs = monotonicMs();
    const { stats, cohere, library } = this.#parts;
    const routed: Route | null = source === null ? route(question, { documentTitles: library.titles }) : null;
    const searched = routed?.sources ?? (source === null ? [] : [source]);
    const routing_reason = routed?.reason ?? 'The source was named by who asked.';
    options.onRoute?.({ searched: [...searched], routing_reason });
    const parts = await Promise.all(
      searched.map((one) =>
        this.#answer(
          one,
          searched.length > 1 && one === 'documents' ? documentsPart(question) : question,
          options,
        ),
      ),
    );
    const failure = parts.find((part) => part.failure !== null)?.failure ?? null;
    const synthesized = parts.some((part) => part.synthesized);
    const answer: AnswerBody = {
      ...combine(question, parts),
      routing_method: routed?.method ?? 'explicit',
      routing_reason,
      searched: [...searched],
      synthesized,
      provider: synthesized ? 'cohere' : 'local',
      ...(failure === null
        ? {}
        : { fallback_reason: `${failure.publicMessage}; this was answered locally.` }),
      query_time_ms: Math.round((monotonicMs() - startedMs) * 10) / 10,
    };
    stats.note(answer, cohere === null ? null : (failure?.reason ?? null));
    return answer;
  }

  async #answer(source: Source, question: string, options: AskOptions): Promise<Part> {
    if (source === 'documents') return this.#answerFromDocuments(question, options);
    const { reader, live } = this.#parts;
    const deps: DataDeps = {
      db: reader,
      fetchJson: live,
      nowMs: wallMs,
      nearPhotos: (asked) => this.#nearPhotos(asked, options.signal),
      timeoutMs: DATA_LIMIT_MS,
    };
    return { ...(await answerFromData(source, question, deps)), synthesized: false, failure: null };
  }

  async #answerFromDocuments(question: string, { signal, onDelta = () => {} }: AskOptions): Promise<Part> {
    const { library, cohere } = this.#parts;
    const space = cohere === null ? undefined : library.spaceOf(cohere.model);
    let failure: CohereFailure | null = null;
    if (cohere !== null && space !== undefined && library.passages > 0) {
      try {
        const answer = await synthesize(cohere, library, space, question, signal, onDelta);
        if (answer !== null) return { ...answer, synthesized: true, failure: null };
      } catch (error) {
        if (!(error instanceof CohereFailure)) throw error;
        failure = error;
      }
    }
    return { ...(await this.#answerLocally(question, signal)), synthesized: false, failure };
  }

  async #answerLocally(question: string, signal: AbortSignal): Promise<PartialAnswer> {
    const { library } = this.#parts;
    const [local] = library.spaces;
    const vector = local.index.vectors === 0 ? null : await this.#vectorOf(question, signal);
    const hits = library.search(local, question, vector, FOUND);
    return answerFromHits(question, hits, local.index.evidenceFor(question), library.titles);
  }

  /** By what the photos look like where Cohere knows it, else by what their records say. */
  async #nearPhotos(question: string, signal: AbortSignal): Promise<readonly NearPhoto[]> {
    const { library, reader, cohere } = this.#parts;
    try {
      const seen = await cohere?.embedForImages(question, signal);
      const near =
        seen === undefined ? [] : await nearestImages(reader, COHERE_IMAGE_MODEL, seen, NEAR_PHOTOS);
      if (near.length > 0) return near;
    } catch (error) {
      if (!(error instanceof CohereFailure)) throw error;
    }
    const vector = await this.#vectorOf(question, signal);
    const { model } = library.spaces[0].embedder;
    return vector === null ? [] : nearestImages(reader, model, vector, NEAR_PHOTOS);
  }

  /** null when the encoder is busy or away: words alone find nine of ten. */
  async #vectorOf(question: string, signal: AbortSignal): Promise<Float32Array | null> {
    const { embedder } = this.#parts.library.spaces[0];
    try {
      const work = embedder.embed([question], 'query', signal);
      const [vector = null] = await within(EMBED_LIMIT_MS, 'the encoder is busy', work);
      return vector;
    } catch {
      // What is wrong with the encoder stands in its own log; the answer is told with less confidence.
      return null;
    }
  }
}
