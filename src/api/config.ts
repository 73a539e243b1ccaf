import { type Static, Type } from 'typebox';
import { CommonConfig, readConfig } from '../lib/config.ts';

export const ApiConfigSchema = Type.Object({
  ...CommonConfig,
  region: Type.Union([Type.Literal('region1'), Type.Literal('region2')]),
  /** Of devices that name none themselves. Three intervals of silence make a device stale. */
  expectedIntervalS: Type.Number({ exclusiveMinimum: 0, maximum: 86_400, default: 100 }),
  /** Shown beside the size of the readings; the worker enforces it. */
  storageLimitBytes: Type.Number({ minimum: 1e8, maximum: 1e15, default: 50e9 }),
  /** How far back the live state is looked for in PostgreSQL when Redis does not have it. */
  rebuildWindowS: Type.Integer({ minimum: 60, maximum: 2_592_000, default: 86_400 }),
  /** The instance has the queue of user events. */
  rabbitmq: Type.Boolean({ default: true }),
  maxStreams: Type.Integer({ minimum: 1, maximum: 10_000, default: 200 }),
  maxConnections: Type.Integer({ minimum: 2, maximum: 50, default: 8 }),
});
export type ApiConfig = Static<typeof ApiConfigSchema>;

/** Throws ConfigError that names every bad variable. */
export function readApiConfig(env: NodeJS.ProcessEnv): ApiConfig {
  return readConfig(ApiConfigSchema, env);
}
