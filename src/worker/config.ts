import { type Static, Type } from 'typebox';
import { CommonConfig, readConfig } from '../lib/config.ts';

export const MINUTES_A_DAY = 1_440;

const WorkerConfigSchema = Type.Object({
  ...CommonConfig,
  region: Type.Union([Type.Literal('region1'), Type.Literal('region2')]),
  /** Width of a partition of readings; divides a day. */
  partitionMinutes: Type.Integer({ minimum: 5, maximum: MINUTES_A_DAY, default: 60 }),
  /** Readings and unused contexts older than this are dropped. */
  retentionDays: Type.Integer({ minimum: 1, maximum: 3_650, default: 30 }),
  /** Readings with their indexes may occupy this much; the oldest go first. */
  storageLimitBytes: Type.Number({ minimum: 1e8, maximum: 1e15, default: 50e9 }),
  /** Refused messages that are kept, the newest. */
  rejectLimit: Type.Integer({ minimum: 100, maximum: 10_000_000, default: 100_000 }),
  /** Access log entries that are kept, the newest. */
  accessLogLimit: Type.Integer({ minimum: 1_000, maximum: 1_000_000_000, default: 5_000_000 }),
  /** User events that are kept, the newest. */
  userEventLimit: Type.Integer({ minimum: 1_000, maximum: 1_000_000_000, default: 2_000_000 }),
  /** The instance has the queue of user events. */
  rabbitmq: Type.Boolean({ default: true }),
  /** Pause between two passes. */
  passIntervalS: Type.Number({ minimum: 0.1, maximum: 3_600, default: 20 }),
});
export type WorkerConfig = Static<typeof WorkerConfigSchema>;

/** Throws ConfigError that names every bad variable. */
export function readWorkerConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  return readConfig(WorkerConfigSchema, env, ({ partitionMinutes }) =>
    MINUTES_A_DAY % partitionMinutes === 0
      ? []
      : [`TIER0_PARTITION_MINUTES must divide a day, ${partitionMinutes} does not`],
  );
}
