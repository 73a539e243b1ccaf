import { type Static, Type } from 'typebox';
import { CommonConfig, readConfig } from '../lib/config.ts';

const ShipperConfig = Type.Object({
  ...CommonConfig,
  /** Pause between two looks at the log. */
  intervalMs: Type.Integer({ minimum: 50, maximum: 60_000, default: 1_000 }),
});
export type ShipperConfig = Static<typeof ShipperConfig>;

export function readShipperConfig(env: NodeJS.ProcessEnv): ShipperConfig {
  return readConfig(ShipperConfig, env);
}
