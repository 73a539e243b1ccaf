import { type Static, Type } from 'typebox';
import { CohereConfig, cohereKeyOf } from '../lib/cohere/config.ts';
import { CommonConfig, readConfig } from '../lib/config.ts';

const RagConfigSchema = Type.Object({
  ...CommonConfig,
  region: Type.Union([Type.Literal('region1'), Type.Literal('region2')]),
  ...CohereConfig,
  /** A file that is larger is refused. nginx has the same bound for its public ports. */
  maxFileBytes: Type.Integer({ minimum: 1_000, maximum: 64 * 1024 * 1024, default: 64 * 1024 * 1024 }),
  /** A document with more pages is refused. */
  maxPages: Type.Integer({ minimum: 1, maximum: 100_000, default: 5_000 }),
  /** A document that takes longer to read is given up. */
  readTimeoutS: Type.Number({ minimum: 1, maximum: 3_600, default: 300 }),
  /** The samples of the project are added once. */
  samples: Type.Boolean({ default: true }),
});
export type RagConfig = Static<typeof RagConfigSchema>;

/** Throws ConfigError that names every bad variable. The key has the name that its users know. */
export function readRagConfig(env: NodeJS.ProcessEnv): RagConfig {
  const { cohereApiKey: _, ...own } = RagConfigSchema.properties;
  const { key, complaints } = cohereKeyOf(env);
  return { ...readConfig(Type.Object(own), env, () => complaints), cohereApiKey: key };
}
