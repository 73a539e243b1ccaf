/** What every HTTP API of ours answers alike. */
import { type Static, Type } from 'typebox';

export const ErrorBody = Type.Object({
  error: Type.String({
    description: 'Stable machine-readable code, e.g. invalid_field, not_found, unavailable',
  }),
  message: Type.String(),
  field: Type.Optional(Type.String({ description: 'The parameter or body field that is wrong' })),
  retry_after_s: Type.Optional(Type.Number()),
});
export type ErrorBody = Static<typeof ErrorBody>;

/** Headers of a file that others sent: what a browser is to show is shown by our page, never run. */
export const INERT = {
  'content-security-policy': "sandbox; default-src 'none'",
  'x-content-type-options': 'nosniff',
} as const;
