/** Configuration of the simulated users. */
import { type Static, Type } from 'typebox';
import { CommonConfig, readConfig } from '../../lib/config.ts';
import { MAX_USERS } from '../../lib/users.ts';

const UsersEnvironment = Type.Object({
  ...CommonConfig,
  users: Type.Integer({ minimum: 0, maximum: MAX_USERS, default: 1_000 }),
  seed: Type.Integer({ minimum: 0, maximum: 2 ** 32 - 1, default: 1 }),
  /** false: the instance runs without the queue, so the sites' servers report nothing. */
  rabbitmq: Type.Boolean({ default: true }),
  /** File that lists what was acknowledged (see ledger.ts); empty: none. For tests. */
  usersLedger: Type.String({ default: '' }),
});

export type UsersConfig = Omit<Static<typeof UsersEnvironment>, 'usersLedger'> & {
  readonly ledgerFile: string | undefined;
};

/** Throws ConfigError that names every bad variable. */
export function readUsersConfig(env: NodeJS.ProcessEnv): UsersConfig {
  const { usersLedger, ...rest } = readConfig(UsersEnvironment, env);
  return { ...rest, ledgerFile: usersLedger === '' ? undefined : usersLedger };
}
