import { join } from 'node:path';
import { serviceAccount } from '../lib/account.ts';
import { monotonicMs, pause } from '../lib/clock.ts';
import { ClusterWatch, etcdEndpoints, READER_POLL_MS } from '../lib/cluster.ts';
import { describeError } from '../lib/errors.ts';
import { Etcd } from '../lib/etcd.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { postgresBinDir } from '../lib/postgres-programs.ts';
import { readSecrets } from '../lib/secrets.ts';
import { type DataRegion, isDataRegion, type Topology, topology } from '../lib/topology.ts';
import { Agent, type AgentView } from './agent.ts';
import type { AgentConfig } from './config.ts';
import { PostgresServer } from './drivers/postgres-server.ts';
import { PostgresSession } from './drivers/postgres-session.ts';
import { SentinelDriver } from './drivers/sentinel.ts';
import { trimHistory } from './history.ts';
import { serveAgent } from './http.ts';
import type { Answer } from './operator.ts';
import { keepRedisWithLeader } from './redis-follow.ts';
import { RegionFacts } from './region-facts.ts';
import { switchOver } from './switchover.ts';
import { preferWitnessAsEtcdLeader, runWitness } from './witness.ts';

/** etcd answers in a few milliseconds; a member that does not within this is passed over. */
const ETCD_DEADLINE_MS = 500;
const HISTORY_TRIM_MS = 600_000;

/** The region's agent; the witness's has no PostgreSQL. */
export async function run(config: AgentConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const at = topology(config.portOffset);
  const { region } = config;
  const etcd = new Etcd({ endpoints: etcdEndpoints(at, region), deadlineMs: ETCD_DEADLINE_MS });
  lifecycle.onClose('etcd', () => etcd.close());
  if (isDataRegion(region)) await startDataAgent(config, at, region, etcd, lifecycle, log);
  else await startWitness(config, at, readSecrets(config.dataDir).redis, etcd, lifecycle, log);
}

async function startDataAgent(
  config: AgentConfig,
  at: Topology,
  self: DataRegion,
  etcd: Etcd,
  lifecycle: Lifecycle,
  log: Log,
): Promise<void> {
  const secrets = readSecrets(config.dataDir);
  const server = new PostgresServer({
    topology: at,
    self,
    homeDir: join(config.dataDir, self, 'postgres'),
    binDir: postgresBinDir(),
    logDir: join(config.dataDir, 'logs'),
    account: serviceAccount(),
    secrets,
    sharedBuffersMb: config.sharedBuffersMb,
    maxWalMb: config.maxWalMb,
    keepWalForStandbyMb: config.keepWalForStandbyMb,
  });
  const session = new PostgresSession({ topology: at, self, secrets });
  const facts = new RegionFacts({
    topology: at,
    member: self,
    dataDir: config.dataDir,
    redisPassword: secrets.redis,
  });
  const agent = new Agent({ self, etcd, server, session, facts, secrets, topology: at, log });
  const sentinel = new SentinelDriver(at, self, secrets.redis);
  lifecycle.onClose('sentinel', () => sentinel.close());
  const moveTo = (target: string, id: string): Promise<Answer> =>
    switchOver(target, id, { etcd, sentinel, topology: at, log });
  const view = (): AgentView => agent.view;
  await serveAgent(lifecycle, { region: self, host: at.host, port: at[self].agent, etcd, log, view, moveTo });
  const running = Promise.all([
    agent.run(lifecycle.signal),
    preferWitnessAsEtcdLeader(self, etcd, log, lifecycle.signal),
    keepRedisWithLeader(self, sentinel, () => agent.leads, log, lifecycle.signal),
    keepHistoryBounded(etcd, () => agent.leads, log, lifecycle.signal),
  ]);
  lifecycle.onClose('agent', async () => {
    await running;
  });
}

async function keepHistoryBounded(
  etcd: Etcd,
  leads: () => boolean,
  log: Log,
  signal: AbortSignal,
): Promise<void> {
  while (await pause(HISTORY_TRIM_MS, signal)) {
    if (!leads()) continue;
    try {
      await trimHistory(etcd);
    } catch (error) {
      log.warn({ failure: describeError(error) }, 'history not trimmed');
    }
  }
}

async function startWitness(
  config: AgentConfig,
  at: Topology,
  redisPassword: string,
  etcd: Etcd,
  lifecycle: Lifecycle,
  log: Log,
): Promise<void> {
  const watch = new ClusterWatch({ topology: at, self: 'witness', pollMs: READER_POLL_MS, log });
  watch.start();
  lifecycle.onClose('watch', () => watch.close());
  const view = (): AgentView => {
    const { record, heartbeats, confirmedMs, pause: paused } = watch.view;
    return {
      record,
      heartbeats,
      pause: paused,
      recordAgeMs: monotonicMs() - confirmedMs,
      local: null,
      doing: null,
      why: 'witness',
    };
  };
  const sentinel = new SentinelDriver(at, 'witness', redisPassword);
  lifecycle.onClose('sentinel', () => sentinel.close());
  const moveTo = (target: string, id: string): Promise<Answer> =>
    switchOver(target, id, { etcd, sentinel, topology: at, log });
  const { host, witness } = at;
  await serveAgent(lifecycle, { region: 'witness', host, port: witness.agent, etcd, log, view, moveTo });
  const facts = new RegionFacts({ topology: at, member: 'witness', dataDir: config.dataDir, redisPassword });
  const running = Promise.all([runWitness(etcd, facts, log, lifecycle.signal), facts.run(lifecycle.signal)]);
  lifecycle.onClose('witness', async () => {
    await running;
  });
}
