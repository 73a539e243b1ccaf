import type { Static, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { CohereFailure } from './failure.ts';

/** Throws CohereFailure when an answer is not of its schema. */
export function parse<T extends TSchema>(schema: T, value: unknown): Static<T> {
  if (!Value.Check(schema, value)) throw new CohereFailure('garbage');
  return value;
}
