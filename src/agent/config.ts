import { totalmem } from 'node:os';
import { type Static, Type } from 'typebox';
import { CommonConfig, readConfig } from '../lib/config.ts';

const AgentConfig = Type.Object({
  ...CommonConfig,
  region: Type.Union([Type.Literal('region1'), Type.Literal('region2'), Type.Literal('witness')]),
  /** PostgreSQL's own cache. */
  sharedBuffersMb: Type.Integer({ minimum: 64, maximum: 65_536, default: defaultSharedBuffersMb() }),
  /** WAL kept between checkpoints. */
  maxWalMb: Type.Integer({ minimum: 256, maximum: 262_144, default: 4_096 }),
  /** WAL kept for a standby that is away; beyond it the standby is copied anew. */
  keepWalForStandbyMb: Type.Integer({ minimum: 256, maximum: 1_048_576, default: 8_192 }),
});
export type AgentConfig = Static<typeof AgentConfig>;

export function readAgentConfig(env: NodeJS.ProcessEnv): AgentConfig {
  return readConfig(AgentConfig, env);
}

/** A sixteenth of the machine for each of the two servers, at most 1 GB. */
function defaultSharedBuffersMb(): number {
  return Math.max(128, Math.min(1_024, Math.floor(totalmem() / 16 / 1_048_576)));
}
