import { join } from 'node:path';
import { serviceAccount } from '../lib/account.ts';
import { monotonicMs } from '../lib/clock.ts';
import { ClusterWatch, etcdEndpoints, READER_POLL_MS } from '../lib/cluster.ts';
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
import { serveAgent } from './http.ts';
import { keepRedisWithLeader } from './redis-follow.ts';
import { type Answer, switchOver } from './switchover.ts';
import { preferWitnessAsEtcdLeader, runWitness } from './witness.ts';

/** etcd answers in a few milliseconds; a member that does not within this is passed over. */
const ETCD_DEADLINE_MS = 500;

/** The region's agent; the witness's has no PostgreSQL. */
export async function run(config: AgentConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const at = topology(config.portOffset);
  const { region } = config;
  const etcd = new Etcd({ endpoints: etcdEndpoints(at, region), deadlineMs: ETCD_DEADLINE_MS });
  lifecycle.onClose('etcd', () => etcd.close());
  if (isDataRegion(region)) await startDataAgent(config, at, region, etcd, lifecycle, log);
  else await startWitness(at, readSecrets(config.dataDir).redis, etcd, lifecycle, log);
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
  const agent = new Agent({ self, etcd, server, session, secrets, topology: at, log });
  const sentinel = new SentinelDriver(at, self, secrets.redis);
  lifecycle.onClose('sentinel', () => sentinel.close());
  const moveTo = (target: string): Promise<Answer> => switchOver(target, { etcd, sentinel, topology: at });
  await serveAgent(lifecycle, self, at.host, at[self].agent, () => agent.view, moveTo);
  const running = Promise.all([
    agent.run(lifecycle.signal),
    preferWitnessAsEtcdLeader(self, etcd, log, lifecycle.signal),
    keepRedisWithLeader(self, sentinel, () => agent.leads, log, lifecycle.signal),
  ]);
  lifecycle.onClose('agent', async () => {
    await running;
  });
}

async function startWitness(
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
    const { record, heartbeats, confirmedMs } = watch.view;
    return {
      record,
      heartbeats,
      recordAgeMs: monotonicMs() - confirmedMs,
      local: null,
      doing: null,
      why: 'witness',
    };
  };
  const sentinel = new SentinelDriver(at, 'witness', redisPassword);
  lifecycle.onClose('sentinel', () => sentinel.close());
  const moveTo = (target: string): Promise<Answer> => switchOver(target, { etcd, sentinel, topology: at });
  await serveAgent(lifecycle, 'witness', at.host, at.witness.agent, view, moveTo);
  const running = runWitness(etcd, log, lifecycle.signal);
  lifecycle.onClose('witness', () => running);
}
