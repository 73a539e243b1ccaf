/**
 * The RAG role: answers questions over documents, camera records, the access log and the live fleet. One instance runs
 * in each data region behind nginx. What it knows is in PostgreSQL; it holds nothing that it cannot fetch again.
 */
import { pause } from '../lib/clock.ts';
import { Cohere } from '../lib/cohere/cohere.ts';
import { COHERE_TIMEOUT_MS } from '../lib/cohere/config.ts';
import type { Embedder } from '../lib/embed/embedder.ts';
import { LocalEmbedder } from '../lib/embed/local.ts';
import { describeError, UnavailableError } from '../lib/errors.ts';
import { httpCall } from '../lib/http-call.ts';
import { ACCEPT_BACKLOG } from '../lib/http-server.ts';
import { leaderConnections } from '../lib/leader-connections.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { createRegistry } from '../lib/metrics.ts';
import { readSecrets } from '../lib/secrets.ts';
import { peerOf, type Topology, topology } from '../lib/topology.ts';
import { Answering } from './answering.ts';
import type { RagConfig } from './config.ts';
import type { DataDeps } from './data/answer.ts';
import { Indexer } from './indexer.ts';
import { Library } from './library.ts';
import { addSamples } from './samples.ts';
import { buildServer } from './server.ts';
import { QueryStats } from './stats.ts';

const OWN_CONNECTIONS = 3;
const READER_CONNECTIONS = 2;
const LIVE_LIMIT_MS = 2_000;

/** Live state from the API of this region, else of the other. Throws UnavailableError when neither answers. */
function liveState(config: RagConfig, ports: Topology): DataDeps['fetchJson'] {
  const { host } = ports;
  return async (path) => {
    for (const region of [config.region, peerOf(config.region)]) {
      try {
        const { status, body } = await httpCall({
          host,
          port: ports[region].api,
          path,
          limitMs: LIVE_LIMIT_MS,
        });
        if (status === 200) return JSON.parse(body);
      } catch {
        // The other region is asked; what this one lacks, its own log says.
      }
    }
    throw new UnavailableError('no region answers about the live fleet');
  };
}

/** A region that comes back has more urgent work for its processors. */
const WARM_UP_AFTER_MS = 5_000;

/** The first question would wait two seconds for the encoder to be loaded. */
async function warmUp(local: LocalEmbedder, log: Log, signal: AbortSignal): Promise<void> {
  if (!(await pause(WARM_UP_AFTER_MS, signal))) return;
  try {
    await local.embed(['a first text'], 'query', signal);
  } catch (error) {
    if (!signal.aborted) log.warn({ failure: describeError(error) }, 'the sentence encoder is not ready');
  }
}

/** Starts the role; resolves once it listens. It is healthy when the stored documents can be searched. */
export async function run(config: RagConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const ports = topology(config.portOffset);
  const { host } = ports;
  const registry = createRegistry('rag', config.region);
  const { open, leads } = leaderConnections(config.region, ports, lifecycle, log);
  const { postgres } = readSecrets(config.dataDir);
  const leader = open('tier0_rag', postgres.rag, OWN_CONNECTIONS);
  // What others store is only read.
  const reader = open('tier0_rag_reader', postgres.rag_reader, READER_CONNECTIONS);
  const local = new LocalEmbedder(log);
  lifecycle.onClose('embedder', () => local.close());
  const { cohereApiKey: apiKey, cohereUrl: baseUrl } = config;
  const cohere = apiKey === null ? null : new Cohere({ apiKey, baseUrl, timeoutMs: COHERE_TIMEOUT_MS });
  const embedders: readonly [Embedder, ...Embedder[]] = cohere === null ? [local] : [local, cohere];
  const library = new Library(leader, embedders, log);
  const indexer = new Indexer({
    leader,
    leads,
    embedders,
    cohere,
    limits: { maxPages: config.maxPages, readTimeoutMs: config.readTimeoutS * 1_000 },
    onStored: () => library.hurry(),
    log,
  });
  const stats = new QueryStats(registry);
  const answering = new Answering({ library, reader, live: liveState(config, ports), cohere, stats });
  const { signal } = lifecycle;
  const work = [library.run(signal), indexer.run(signal), warmUp(local, log, signal)];
  if (config.samples) work.push(addSamples(leader, log, signal));
  const app = await buildServer({
    region: config.region,
    leader,
    library,
    indexer,
    answering,
    stats,
    provider: cohere === null ? 'local' : 'cohere',
    breaker: () => cohere?.breaker ?? null,
    limits: config,
    registry,
    log,
  });
  lifecycle.onClose('http', () => app.close());
  lifecycle.onClose('documents', async () => {
    await Promise.all(work);
  });
  await app.listen({ host, port: ports[config.region].rag, backlog: ACCEPT_BACKLOG });
  log.info({ host, port: ports[config.region].rag }, 'rag listens');
}
