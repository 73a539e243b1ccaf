/** Answers from data: what is asked is understood by rules, and answered by fixed queries. */
import { UnavailableError } from '../../lib/errors.ts';
import type { Source } from '../schemas.ts';
import type { PartialAnswer } from '../types.ts';
import type { FetchJson } from './fleet-live.ts';
import type { NearPhoto } from './image-answers.ts';
import { answerFromImages } from './images.ts';
import type { ReadDatabase } from './intent.ts';
import { answerFromLogs } from './logs.ts';
import { asked } from './question.ts';
import { answerFromTelemetry } from './telemetry.ts';

export type DataSource = Exclude<Source, 'documents'>;

export type DataDeps = {
  readonly db: ReadDatabase;
  /** GET of the API role: a path such as /api/sites?… to its parsed JSON. Rejects when the status is not 200. */
  readonly fetchJson: FetchJson;
  /** Unix milliseconds, UTC: what "today" and "the last hour" mean. */
  readonly nowMs: () => number;
  /** Photos that are near to a question in meaning, the nearest first; none when that cannot be told. */
  readonly nearPhotos: (question: string) => Promise<readonly NearPhoto[]>;
  /** For the whole answer. */
  readonly timeoutMs: number;
};

/**
 * One source's answer; refused when the question is not understood or there is no data. Rejects with
 * UnavailableError when the source cannot answer within `timeoutMs`, and with what the database or fetchJson
 * rejects with. A query that goes on after that is ended by the connection's statement_timeout.
 */
export async function answerFromData(
  source: DataSource,
  question: string,
  deps: DataDeps,
): Promise<PartialAnswer> {
  const signal = AbortSignal.timeout(deps.timeoutMs);
  const late = new Promise<never>((_, reject) => {
    const refuse = (): void =>
      reject(new UnavailableError(`${source} did not answer in ${deps.timeoutMs} ms`));
    signal.addEventListener('abort', refuse, { once: true });
  });
  return Promise.race([answerOf(source, question, deps, signal), late]);
}

function answerOf(
  source: DataSource,
  question: string,
  { db, fetchJson, nowMs, nearPhotos }: DataDeps,
  signal: AbortSignal,
): Promise<PartialAnswer> {
  const understood = asked(question, nowMs());
  switch (source) {
    case 'logs':
      return answerFromLogs(understood, { db, nowMs });
    case 'images':
      return answerFromImages(understood, { db, nearPhotos: () => nearPhotos(question) });
    case 'telemetry':
      return answerFromTelemetry(understood, { fetchJson, signal });
    default:
      return source satisfies never;
  }
}
