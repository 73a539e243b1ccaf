/**
 * The vision role: takes photos, looks at them, and answers about what they show. One instance runs in each data
 * region behind nginx; the one whose region leads looks at photos. Photos are in PostgreSQL, records in PostgreSQL or
 * MongoDB; it holds nothing that it cannot fetch again.
 */
import type { Cohere } from '../lib/cohere/cohere.ts';
import { COHERE_TIMEOUT_MS } from '../lib/cohere/config.ts';
import { ACCEPT_BACKLOG } from '../lib/http-server.ts';
import { leaderConnections } from '../lib/leader-connections.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { createRegistry, gaugeOf } from '../lib/metrics.ts';
import { readSecrets } from '../lib/secrets.ts';
import { topology } from '../lib/topology.ts';
import { Analyser } from './analyser.ts';
import type { VisionConfig } from './config.ts';
import { Detector } from './detect/detector.ts';
import { mirror } from './records/mirror.ts';
import type { MongoRecords } from './records/mongo-records.ts';
import { postgresRecords } from './records/postgres-records.ts';
import { buildServer } from './server.ts';

const CONNECTIONS = 4;

/** Its driver is loaded where it is used: that takes a while. */
async function openMongo(url: string): Promise<MongoRecords> {
  const { mongoRecords } = await import('./records/mongo-records.ts');
  return mongoRecords(url);
}

async function openCohere(apiKey: string, baseUrl: string): Promise<Cohere> {
  const { Cohere } = await import('../lib/cohere/cohere.ts');
  return new Cohere({ apiKey, baseUrl, timeoutMs: COHERE_TIMEOUT_MS });
}

/** Starts the role; resolves once it listens. */
export async function run(config: VisionConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const { region, dataDir, mongodbUrl, keptSimulated } = config;
  const ports = topology(config.portOffset);
  const { host } = ports;
  const { signal } = lifecycle;
  const registry = createRegistry('vision', region);
  const { open, leads } = leaderConnections(region, ports, lifecycle, log);
  const leader = open('tier0_vision', readSecrets(dataDir).postgres.vision, CONNECTIONS);
  const mongo = mongodbUrl === '' ? null : await openMongo(mongodbUrl);
  const records = mongo ?? postgresRecords(leader);
  lifecycle.onClose('records', () => records.close());
  const describer =
    config.cohereApiKey === null ? null : await openCohere(config.cohereApiKey, config.cohereUrl);
  const detectors = Array.from({ length: config.detectors }, () => new Detector(log));
  lifecycle.onClose('detectors', async () => {
    await Promise.all(detectors.map((detector) => detector.close()));
  });
  const analyser = new Analyser({ leader, leads, records, detectors, describer, keptSimulated, log });
  gaugeOf(
    registry,
    'tier0_vision_photos_per_second',
    'Photos looked at, over the last minute',
    () => analyser.photosPerS,
  );
  const app = await buildServer({ region, leader, records, analyser, limits: config, registry, log });
  lifecycle.onClose('http', () => app.close());
  const work = [analyser.run(signal)];
  if (mongo !== null) work.push(mirror(mongo, leader, leads, log, signal));
  lifecycle.onClose('photos', async () => {
    await Promise.all(work);
  });
  await app.listen({ host, port: ports[region].vision, backlog: ACCEPT_BACKLOG });
  log.info({ host, port: ports[region].vision }, 'vision listens');
}
