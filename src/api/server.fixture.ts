/** A server over two devices in a cluster whose state the test sets. */
import { pino } from 'pino';
import type { Leader } from '../lib/bounded-leader.ts';
import { UnavailableError } from '../lib/errors.ts';
import type { Api } from '../lib/http-app.ts';
import { createRegistry } from '../lib/metrics.ts';
import { SseClients } from '../lib/sse.ts';
import { ContextStore } from './contexts.ts';
import { ReadGate } from './freshness.ts';
import { HealthCheck } from './health.ts';
import { CountsCache } from './live-counts.ts';
import { LiveTable } from './live-table.ts';
import { Prometheus } from './prometheus.ts';
import type { Overview } from './schemas.ts';
import { buildServer } from './server.ts';
import { Users } from './users.ts';

/** Long enough to be held, short enough for a test of what is refused. */
const READ_HOLD_MS = 200;

/** A cluster without a leader: whatever needs PostgreSQL is unavailable. */
const noLeader: Leader = {
  query: () => Promise.reject(new UnavailableError('no leader in this test', 2)),
  withClient: () => Promise.reject(new UnavailableError('no leader in this test', 2)),
};

const overview: Overview = {
  timestamp: '2026-11-16T00:00:00.000Z',
  served_by: 'region1',
  fleet: { total: 2, reporting: 0, stale: 0, unknown: 2, OK: 0, WARN: 0, ALERT: 0 },
  readings_per_s: 0,
  accounting: { received: 0, committed: 0, duplicates: 0, rejected: 0, in_flight: 0 },
  cluster: null,
  regions: [],
  storage: { readings_bytes: 0, partitions: 0, oldest: null, limit_bytes: 1 },
};

function liveTable(): LiveTable {
  const table = new LiveTable({ expectedIntervalS: 100, startedMs: 0 });
  table.defineSites([{ site_id: 'WY-ALPHA', place: 'Wyoming', lat: 1, lon: 2, area: 'US-WEST' }]);
  table.defineTypes([
    { type: 'turbine', metrics: ['rpm'] },
    { type: 'ogd', metrics: ['rssi_dbm'] },
  ]);
  table.register([
    {
      deviceNo: 1,
      deviceId: 'TURB-00001',
      deviceType: 'turbine',
      siteId: 'WY-ALPHA',
      expectedIntervalS: null,
    },
    { deviceNo: 2, deviceId: 'OGD-00001', deviceType: 'ogd', siteId: 'WY-ALPHA', expectedIntervalS: null },
  ]);
  return table;
}

export type TestServer = {
  readonly app: Api;
  readonly streams: SseClients;
  /** What the server sees of its surroundings. */
  readonly cluster: { viewAgeMs: number; ready: boolean; etcd: boolean; redis: boolean };
};

export async function testServer(options: {
  readonly maxStreams: number;
  readonly db?: Leader;
  /** Where Prometheus is; nothing listens at the default. */
  readonly prometheusPort?: number;
}): Promise<TestServer> {
  const prometheusPort = options.prometheusPort ?? 1;
  const cluster = { viewAgeMs: 0, ready: true, etcd: true, redis: true };
  const table = liveTable();
  const streams = new SseClients(options.maxStreams);
  const probe = (name: 'etcd' | 'redis') => async () => {
    if (!cluster[name]) throw new Error(`${name} is away`);
  };
  const probes = new Map([
    ['etcd', probe('etcd')],
    ['redis', probe('redis')],
  ]);
  const seen = { viewAgeMs: () => cluster.viewAgeMs, ready: () => cluster.ready };
  const app = await buildServer({
    table,
    counts: new CountsCache(table),
    contexts: new ContextStore(noLeader),
    db: options.db ?? noLeader,
    health: new HealthCheck('region1', probes, () => cluster.ready, 0),
    streams,
    users: new Users({
      redis: { get: async () => null },
      db: options.db ?? noLeader,
      publisher: null,
      secret: 'a secret of the tests only',
      log: pino({ level: 'silent' }),
    }),
    registry: createRegistry('api', 'region1'),
    prometheus: new Prometheus({ host: '127.0.0.1', port: prometheusPort }),
    prometheusPort,
    log: pino({ level: 'silent' }),
    overview: () => overview,
    ...seen,
    reads: new ReadGate(seen, READ_HOLD_MS),
  });
  return { app, streams, cluster };
}
