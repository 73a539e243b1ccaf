/** A file that cannot be looked at, and why. */
import { OperatingError } from '../lib/errors.ts';

export type PhotoFailure =
  | 'empty'
  | 'not_an_image'
  | 'unsupported'
  | 'broken'
  | 'too_large'
  | 'too_slow'
  | 'crashed';

export class PhotoError extends OperatingError {
  override readonly name = 'PhotoError';
  readonly failure: PhotoFailure;

  /** `publicMessage` is for whoever sent the file. */
  constructor(failure: PhotoFailure, publicMessage: string, cause?: unknown) {
    super('invalid', publicMessage, publicMessage, cause);
    this.failure = failure;
  }
}
