import { type Static, Type } from 'typebox';
import { CommonConfig, readConfig } from '../../lib/config.ts';

const CamerasConfigSchema = Type.Object({
  ...CommonConfig,
  /** Seconds between two photos of a site's camera. */
  cameraIntervalS: Type.Integer({ minimum: 1, maximum: 86_400, default: 60 }),
  seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1, default: 1 }),
});
export type CamerasConfig = Static<typeof CamerasConfigSchema>;

/** Throws ConfigError that names every bad variable. */
export const readCamerasConfig = (env: NodeJS.ProcessEnv): CamerasConfig =>
  readConfig(CamerasConfigSchema, env);
