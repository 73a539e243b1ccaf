/** Small additions to TypeBox's vocabulary. */
import { Type } from 'typebox';

/** The schema's values, or null. */
export const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
