/** How every failure is told to a client: a status and an ErrorBody, never a stack trace. Pure. */
import type { FastifyError, FastifySchemaValidationError } from 'fastify';
import { OperatingError, UnavailableError } from './errors.ts';
import type { ErrorBody } from './http-schemas.ts';

/** An answer other than success that a route decided on. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly status: number;
  readonly body: ErrorBody;

  constructor(status: number, body: ErrorBody) {
    super(body.message);
    this.status = status;
    this.body = body;
  }
}

export const invalidField = (field: string, message: string): HttpError =>
  new HttpError(400, { error: 'invalid_field', message, field });

export const notFound = (message: string): HttpError => new HttpError(404, { error: 'not_found', message });

export const staleView = (): HttpError =>
  new HttpError(503, {
    error: 'stale_view',
    message: 'This region cannot confirm who leads; it does not answer from an old view.',
    retry_after_s: 1,
  });

export type ErrorReply = { readonly status: number; readonly body: ErrorBody };

/** What the first complaint of the schema validator is about, in the words of the API. */
function describeInvalid(errors: readonly FastifySchemaValidationError[]): ErrorBody {
  const [first] = errors;
  if (first === undefined) return { error: 'invalid_field', message: 'The request is not valid.' };
  const params: Record<string, unknown> = first.params;
  if (first.keyword === 'additionalProperties') {
    const field = String(params.additionalProperty);
    return { error: 'invalid_field', message: `${field} is not a known parameter`, field };
  }
  const field = first.instancePath.split('/')[1] ?? String(params.missingProperty ?? '');
  const allowed = errors
    .filter(({ keyword }) => keyword === 'const')
    .map((error) => error.params.allowedValue);
  const message =
    allowed.length > 0
      ? `${field} must be one of ${allowed.join(', ')}`
      : `${field} ${first.message ?? 'is not valid'}`;
  return field === '' ? { error: 'invalid_field', message } : { error: 'invalid_field', message, field };
}

const CODES: Readonly<Record<number, string>> = {
  400: 'bad_request',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'too_large',
  414: 'too_large',
  415: 'unsupported_media_type',
  431: 'too_large',
};

/** Status and body for anything that was thrown; what nobody expected is a 500 that says nothing of itself. */
export function toErrorReply(error: Error | FastifyError): ErrorReply {
  if (error instanceof HttpError) return { status: error.status, body: error.body };
  if (error instanceof UnavailableError) {
    return {
      status: 503,
      body: { error: 'unavailable', message: error.publicMessage, retry_after_s: error.retryAfterS },
    };
  }
  if (error instanceof OperatingError) {
    const status = error.code === 'not_found' ? 404 : error.code === 'conflict' ? 409 : 400;
    return { status, body: { error: error.code, message: error.publicMessage } };
  }
  if ('validation' in error && error.validation !== undefined) {
    return { status: 400, body: describeInvalid(error.validation) };
  }
  const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
  if (status >= 400 && status < 500) {
    return { status, body: { error: CODES[status] ?? 'bad_request', message: error.message } };
  }
  return { status: 500, body: { error: 'internal', message: 'The service failed on this request.' } };
}
