/** Why Cohere did not answer, in a closed set; the words are for people and never hold the key. */
import { CohereTimeoutError, CohereError as SdkError } from 'cohere-ai';
import { OperatingError } from '../errors.ts';

export type CohereReason =
  | 'refused'
  | 'rate_limited'
  | 'timeout'
  | 'unreachable'
  | 'server_error'
  | 'garbage'
  | 'cut_off'
  | 'breaker_open'
  | 'unsupported';

const WORDS: Readonly<Record<CohereReason, string>> = {
  refused: 'Cohere does not accept the key',
  rate_limited: 'Cohere limits how often it may be asked',
  timeout: 'Cohere did not answer in time',
  unreachable: 'Cohere cannot be reached',
  server_error: 'Cohere failed',
  garbage: 'Cohere gave an answer that is not understood',
  cut_off: "Cohere's answer broke off",
  breaker_open: 'Cohere failed several times and is not asked for a while',
  unsupported: "Cohere's answer had figures that stand in no cited passage",
};

export class CohereFailure extends OperatingError {
  override readonly name = 'CohereFailure';
  readonly reason: CohereReason;

  constructor(reason: CohereReason, cause?: unknown) {
    super('unavailable', WORDS[reason], WORDS[reason], cause);
    this.reason = reason;
  }
}

/** What to do about a failure of each kind: how often it is tried again. A key that is refused stays refused. */
export const RETRIES: Readonly<Record<CohereReason, number>> = {
  refused: 0,
  rate_limited: 1,
  timeout: 0,
  unreachable: 1,
  server_error: 1,
  garbage: 0,
  cut_off: 0,
  breaker_open: 0,
  unsupported: 0,
};

function reasonOfStatus(status: number): CohereReason {
  if (status === 401 || status === 403 || status === 498) return 'refused';
  if (status === 429) return 'rate_limited';
  if (status === 408 || status === 504 || status === 499) return 'timeout';
  return status >= 500 ? 'server_error' : 'garbage';
}

/** The client library throws a plain CohereError for a timeout, a closed port and an answer that is no JSON alike. */
export function failureOf(error: unknown, timedOut: boolean): CohereFailure {
  if (error instanceof CohereFailure) return error;
  if (timedOut || error instanceof CohereTimeoutError) return new CohereFailure('timeout');
  if (error instanceof SdkError) {
    const { statusCode } = error;
    if (statusCode !== undefined && (statusCode < 200 || statusCode > 299)) {
      return new CohereFailure(reasonOfStatus(statusCode));
    }
    if (statusCode !== undefined) return new CohereFailure('garbage');
    return new CohereFailure(/timed? ?out/i.test(error.message) ? 'timeout' : 'unreachable');
  }
  if (error instanceof SyntaxError) return new CohereFailure('garbage');
  return new CohereFailure('unreachable');
}
