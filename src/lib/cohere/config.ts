/** The key as its users know it, COHERE_API_KEY, and where Cohere is. */
import { Type } from 'typebox';

export const CohereConfig = {
  /** null: without Cohere. */
  cohereApiKey: Type.Union([Type.Null(), Type.String({ minLength: 8, maxLength: 512 })]),
  /** Where Cohere's API is; empty: where the client library knows it. */
  cohereUrl: Type.String({ default: '', pattern: '^(https?://.+)?$' }),
};

/** Complaints about the key of the environment, and the key; null: none is set. */
export function cohereKeyOf({ COHERE_API_KEY: key = '' }: NodeJS.ProcessEnv): {
  readonly key: string | null;
  readonly complaints: readonly string[];
} {
  if (key === '') return { key: null, complaints: [] };
  const isKey = key.length >= 8 && key.length <= 512 && /^[\x21-\x7e]+$/.test(key);
  const complaint = 'COHERE_API_KEY is no key: 8 to 512 characters without spaces are';
  return { key, complaints: isKey ? [] : [complaint] };
}

/** Of a call with its retries. */
export const COHERE_TIMEOUT_MS = 10_000;
