/** Operating errors: what may happen and is handled. Broken invariants are asserted and crash instead. */

export type ErrorCode = 'unavailable' | 'conflict' | 'not_found' | 'invalid' | 'refused';

/** `message` is for the log; `publicMessage` is safe to show to a client. */
export class OperatingError extends Error {
  override readonly name: string = 'OperatingError';
  readonly code: ErrorCode;
  readonly publicMessage: string;

  constructor(code: ErrorCode, message: string, publicMessage: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.publicMessage = publicMessage;
  }
}

const TRY_AGAIN = 'The service cannot answer this right now; try again shortly.';

/** Nothing can serve the request now; it is safe to try again. */
export class UnavailableError extends OperatingError {
  override readonly name = 'UnavailableError';
  readonly retryAfterS: number;

  constructor(message: string, retryAfterS = 1, cause?: unknown, publicMessage = TRY_AGAIN) {
    super('unavailable', message, publicMessage, cause);
    this.retryAfterS = retryAfterS;
  }
}

/** A wrong option, or a machine that cannot run what was asked: the message is for the user as it is. */
export class UsageError extends OperatingError {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super('invalid', message, message);
  }
}

/** A line for people: the error's message and those of its causes, without a stack. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof AggregateError && error.message === '') {
    return error.errors.map(describeError).join('; ');
  }
  return error.cause === undefined ? error.message : `${error.message}: ${describeError(error.cause)}`;
}

/** PostgreSQL's SQLSTATE of an error that it gave, five characters (appendix A); another error's code, or ''. */
export const sqlState = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';
