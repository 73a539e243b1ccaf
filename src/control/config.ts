import { type Static, Type } from 'typebox';
import { CommonConfig, readConfig } from '../lib/config.ts';

const ControlConfig = Type.Object({
  ...CommonConfig,
  /** The instance runs the simulated fleet: drills may send readings of its devices. */
  simulatedFleet: Type.Boolean({ default: false }),
  /** The instance has the queue of user events. */
  rabbitmq: Type.Boolean({ default: true }),
  /** Path of RabbitMQ's own command. */
  rabbitmqctl: Type.String({ default: 'rabbitmqctl' }),
});
export type ControlConfig = Static<typeof ControlConfig>;

export function readControlConfig(env: NodeJS.ProcessEnv): ControlConfig {
  return readConfig(ControlConfig, env);
}
