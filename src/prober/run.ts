/**
 * The prober role: stands outside the regions and does each second what clients do. What it saw is on its disk at
 * once and in the database of both regions as soon as that takes it, so the ledger outlives what it measures.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { every, pause, wallMs } from '../lib/clock.ts';
import { ClusterWatch, READER_POLL_MS } from '../lib/cluster.ts';
import { describeError } from '../lib/errors.ts';
import { listen } from '../lib/http-server.ts';
import { LeaderPool } from '../lib/leader-pool.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { createRegistry, gaugeOf, serveMetrics } from '../lib/metrics.ts';
import { readRunState } from '../lib/run-state.ts';
import { readSecrets } from '../lib/secrets.ts';
import { type Topology, topology } from '../lib/topology.ts';
import type { ProberConfig } from './config.ts';
import { Ledger, type SecondRecord } from './ledger.ts';
import { proberMetrics } from './metrics.ts';
import { MosquittoWatch } from './mosquitto.ts';
import { Observer } from './observer.ts';
import { httpProbes, PublishProbe } from './probes.ts';
import { Spool } from './spool.ts';
import { storeLedger } from './store.ts';

const STORE_MS = 5_000;
/** Between two stores while an outage's seconds wait. */
const CATCH_UP_MS = 200;
const UPLINK_TICK_MS = 100;

/** Remembers that it counts under this `up`: a later prober of the same one knows that what is down was up. */
class Mark {
  readonly #path: string;
  readonly #text: string;
  #made: boolean;

  constructor(dataDir: string, dir: string) {
    const up = readRunState(dataDir, 'up');
    this.#path = join(dir, 'counts-under');
    this.#text = `${up?.pid} ${up?.startTicks}\n`;
    this.#made = existsSync(this.#path) && readFileSync(this.#path, 'utf8') === this.#text;
  }

  get made(): boolean {
    return this.#made;
  }

  make(): void {
    if (this.#made) return;
    writeFileSync(this.#path, this.#text, { mode: 0o600 });
    this.#made = true;
  }
}

/** Stores what is held every few seconds; while the database is away it is kept, and the file with it. */
async function storeForEver(
  parts: {
    readonly pool: LeaderPool;
    readonly ledger: Ledger;
    readonly spool: Spool;
    readonly run: () => string;
    readonly now: () => number;
    readonly onStored: () => void;
    readonly log: Log;
  },
  signal: AbortSignal,
): Promise<void> {
  const { pool, ledger, spool, run, now, onStored, log } = parts;
  let failure: string | null = null;
  let pauseMs = STORE_MS;
  while (await pause(pauseMs, signal)) {
    const records = ledger.nextBatch();
    if (records.length === 0) continue;
    const { minutes, failures } = Ledger.sum(records);
    try {
      await storeLedger(pool, minutes, failures);
      failure = null;
    } catch (error) {
      const why = describeError(error);
      if (why !== failure && !signal.aborted) log.warn({ failure: why }, 'the ledger waits for the database');
      failure = why;
      pauseMs = STORE_MS;
      continue;
    }
    onStored();
    ledger.settle(records, run(), now());
    await spool.keep(() => ledger.records());
    pauseMs = records.length < ledger.seconds ? CATCH_UP_MS : STORE_MS;
  }
}

function serveMosquitto(lifecycle: Lifecycle, at: Topology, log: Log): Promise<void> {
  const mosquitto = new MosquittoWatch({ host: at.host, port: at.edge.mqtt });
  const watched = mosquitto.run(lifecycle.signal);
  lifecycle.onClose('mosquitto watch', () => watched);
  const server = createServer((_, response) => {
    if (!mosquitto.up) {
      response.writeHead(503).end('Mosquitto does not publish its figures\n');
      return;
    }
    mosquitto.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': mosquitto.registry.contentType }).end(text),
      (error: unknown) => {
        log.error({ err: error }, 'metrics failed');
        response.writeHead(500).end();
      },
    );
  });
  return listen(lifecycle, 'mosquitto metrics', server, at.host, at.edge.mosquittoMetrics);
}

export async function run(config: ProberConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const at = topology(config.portOffset);
  const dir = join(config.dataDir, 'edge', 'prober');
  const spoolPath = join(dir, 'ledger.jsonl');
  const ledger = new Ledger();
  const earlier = Spool.read(spoolPath);
  for (const record of earlier) ledger.add(record);
  const spool = new Spool(spoolPath);
  const registry = createRegistry('prober', 'edge');
  const metrics = proberMetrics(registry, () => ledger.seconds);
  gaugeOf(registry, 'tier0_disk_free_ratio', 'Free share of the disk under the data directory', () => {
    const { bavail, blocks } = statfsSync(config.dataDir);
    return bavail / blocks;
  });
  const watch = new ClusterWatch({ topology: at, self: 'witness', pollMs: READER_POLL_MS, log });
  watch.start();
  lifecycle.onClose('watch', () => watch.close());
  const pool = new LeaderPool({
    topology: at,
    watch,
    user: 'tier0_prober',
    password: readSecrets(config.dataDir).postgres.prober,
    log,
    maxConnections: 1,
    applicationName: 'prober',
  });
  const { signal } = lifecycle;
  const publish = new PublishProbe(at, config.probeDevice, log);
  every(UPLINK_TICK_MS, signal, () => publish.tick());
  const mark = new Mark(config.dataDir, dir);
  const resumes = mark.made;
  let lastSecond = 0;
  const observer: Observer = new Observer({
    probes: [...httpProbes(at, randomUUID(), config.rag), publish.probe],
    resumes,
    settleS: config.probeSettleS,
    now: wallMs,
    onOutcome: metrics.outcome,
    onSecond: (record: SecondRecord) => {
      lastSecond = record.at;
      mark.make();
      ledger.add(record);
      // A ledger that cannot be written is no ledger: the role ends and says why.
      void spool.append(record);
    },
    onStall: (seconds) => {
      metrics.stalled.inc(seconds);
      log.warn({ seconds }, 'the prober stood still: that time is not observed');
    },
    onClockBack: (seconds) => {
      metrics.clockBack.inc();
      log.warn({ seconds }, 'the clock went back: another run of the ledger begins');
    },
  });
  const observed = observer.observe(signal);
  const stored = storeForEver(
    {
      pool,
      ledger,
      spool,
      run: () => observer.run,
      now: () => lastSecond,
      onStored: () => metrics.stored.inc(),
      log,
    },
    signal,
  );
  lifecycle.onClose('ledger', async () => {
    await pool.close();
    await Promise.all([observed, stored]);
    publish.close();
    await spool.close();
  });
  await serveMosquitto(lifecycle, at, log);
  await serveMetrics(lifecycle, registry, at.host, at.edge.prober, () => ({
    ok: true,
    body: { run: observer.run, last_second: lastSecond, waiting_seconds: ledger.seconds },
  }));
  log.info({ resumes, earlier_seconds: earlier.length }, 'observing');
}
