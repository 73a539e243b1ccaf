/** Every role's entry: its configuration from the environment, and its run. Loaded only when asked for. */
import type { Lifecycle } from './lib/lifecycle.ts';
import type { Log } from './lib/log.ts';

export type StartRole = (env: NodeJS.ProcessEnv, lifecycle: Lifecycle, log: Log) => Promise<void>;

/** Binds a role's two halves, so that its configuration type stays its own. */
function role<Config>(
  load: () => Promise<{
    read: (env: NodeJS.ProcessEnv) => Config;
    run: (config: Config, lifecycle: Lifecycle, log: Log) => Promise<void>;
  }>,
): StartRole {
  return async (env, lifecycle, log) => {
    const { read, run } = await load();
    await run(read(env), lifecycle, log);
  };
}

export const ROLES: Readonly<Record<string, StartRole>> = {
  agent: role(async () => ({
    read: (await import('./agent/config.ts')).readAgentConfig,
    run: (await import('./agent/run.ts')).run,
  })),
  ingest: role(async () => ({
    read: (await import('./ingest/config.ts')).readIngestConfig,
    run: (await import('./ingest/run.ts')).run,
  })),
  api: role(async () => ({
    read: (await import('./api/config.ts')).readApiConfig,
    run: (await import('./api/run.ts')).run,
  })),
  worker: role(async () => ({
    read: (await import('./worker/config.ts')).readWorkerConfig,
    run: (await import('./worker/run.ts')).run,
  })),
  rag: role(async () => ({
    read: (await import('./rag/config.ts')).readRagConfig,
    run: (await import('./rag/run.ts')).run,
  })),
  vision: role(async () => ({
    read: (await import('./vision/config.ts')).readVisionConfig,
    run: (await import('./vision/run.ts')).run,
  })),
  inbox: role(async () => ({
    read: (await import('./inbox/config.ts')).readInboxConfig,
    run: (await import('./inbox/run.ts')).run,
  })),
  prober: role(async () => ({
    read: (await import('./prober/config.ts')).readProberConfig,
    run: (await import('./prober/run.ts')).run,
  })),
  control: role(async () => ({
    read: (await import('./control/config.ts')).readControlConfig,
    run: (await import('./control/run.ts')).run,
  })),
  shipper: role(async () => ({
    read: (await import('./shipper/config.ts')).readShipperConfig,
    run: (await import('./shipper/run.ts')).run,
  })),
  simulator: role(async () => ({
    read: (await import('./simulators/fleet/config.ts')).readSimulatorConfig,
    run: (await import('./simulators/fleet/run.ts')).run,
  })),
  users: role(async () => ({
    read: (await import('./simulators/users/config.ts')).readUsersConfig,
    run: (await import('./simulators/users/run.ts')).run,
  })),
  cameras: role(async () => ({
    read: (await import('./simulators/cameras/config.ts')).readCamerasConfig,
    run: (await import('./simulators/cameras/run.ts')).run,
  })),
};
