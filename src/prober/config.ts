import { type Static, Type } from 'typebox';
import { CommonConfig, readConfig } from '../lib/config.ts';
import { FLEET_SIZE } from '../lib/fleet.ts';

const ProberConfigSchema = Type.Object({
  ...CommonConfig,
  /** The instance answers questions: one is asked each second. */
  rag: Type.Boolean({ default: true }),
  /** A probe counts once it was good for so long: what is still starting is no outage. */
  probeSettleS: Type.Integer({ minimum: 1, maximum: 300, default: 30 }),
  /** The registered device, by number, as which a reading is published each second. */
  probeDevice: Type.Integer({ minimum: 1, maximum: FLEET_SIZE, default: FLEET_SIZE }),
});
export type ProberConfig = Static<typeof ProberConfigSchema>;

/** Throws ConfigError that names every bad variable. */
export const readProberConfig = (env: NodeJS.ProcessEnv): ProberConfig => readConfig(ProberConfigSchema, env);
