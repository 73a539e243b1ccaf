import { type Static, Type } from 'typebox';
import { CommonConfig, readConfig } from '../lib/config.ts';

const InboxConfigSchema = Type.Object({
  ...CommonConfig,
  /** The folder with one folder per site; empty: `photos` in the data directory. */
  photosDir: Type.String({ default: '' }),
});
export type InboxConfig = Static<typeof InboxConfigSchema>;

/** Throws ConfigError that names every bad variable. */
export const readInboxConfig = (env: NodeJS.ProcessEnv): InboxConfig => readConfig(InboxConfigSchema, env);
