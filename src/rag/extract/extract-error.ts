import { OperatingError } from '../../lib/errors.ts';
import type { ExtractFailure } from '../types.ts';

/** A file that cannot be read; the message is for the user as it is. */
export class ExtractError extends OperatingError {
  override readonly name = 'ExtractError';
  readonly failure: ExtractFailure;

  constructor(failure: ExtractFailure, message: string) {
    super('invalid', message, message);
    this.failure = failure;
  }
}
