import { availableParallelism } from 'node:os';
import { type Static, Type } from 'typebox';
import { CohereConfig, cohereKeyOf } from '../lib/cohere/config.ts';
import { CommonConfig, readConfig } from '../lib/config.ts';

const MONGODB_URL = /^(mongodb(\+srv)?:\/\/[^/\s]+(\/\S*)?)?$/;

const VisionConfigSchema = Type.Object({
  ...CommonConfig,
  region: Type.Union([Type.Literal('region1'), Type.Literal('region2')]),
  ...CohereConfig,
  /** Where records are kept; empty: in PostgreSQL. */
  mongodbUrl: Type.String(),
  /** A file that is larger is refused. nginx has the same bound for its public ports. */
  maxFileBytes: Type.Integer({ minimum: 1_000, maximum: 64 * 1024 * 1024, default: 64 * 1024 * 1024 }),
  /** Photos that may wait to be looked at; more are refused. */
  maxWaiting: Type.Integer({ minimum: 1, maximum: 1_000_000, default: 2_000 }),
  /** Threads that look at photos: one a processor at most. */
  detectors: Type.Integer({ minimum: 1, maximum: 64, default: Math.min(4, availableParallelism()) }),
  /** Of simulated photos, the newest of each site are kept. Photos of people are all kept. */
  keptSimulated: Type.Integer({ minimum: 1, maximum: 100_000, default: 200 }),
});
export type VisionConfig = Static<typeof VisionConfigSchema>;

/** Throws ConfigError that names every bad variable. MONGODB_URL has the name that its users know. */
export function readVisionConfig(env: NodeJS.ProcessEnv): VisionConfig {
  const { MONGODB_URL: mongodbUrl = '' } = env;
  const { mongodbUrl: _url, cohereApiKey: _key, ...own } = VisionConfigSchema.properties;
  const { key, complaints } = cohereKeyOf(env);
  const isUrl = MONGODB_URL.test(mongodbUrl);
  const rest = readConfig(Type.Object(own), env, () => [
    ...complaints,
    ...(isUrl ? [] : ['MONGODB_URL is no address of MongoDB: mongodb://host:port/database is']),
  ]);
  const detectors = Math.min(rest.detectors, availableParallelism());
  return { ...rest, detectors, mongodbUrl, cohereApiKey: key };
}
