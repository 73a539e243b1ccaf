/**
 * The shipper: brings what the front door logs into the access log of the database. nginx' file is where a request
 * is kept until the sync set has it, so nothing is lost while there is no leader, or while this role is down; what
 * comes twice is stored once, by the id that nginx gives every request.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import { storeAccessEntries } from '../lib/access-log.ts';
import { monotonicMs, pause } from '../lib/clock.ts';
import { ClusterWatch, WRITER_POLL_MS } from '../lib/cluster.ts';
import { describeError } from '../lib/errors.ts';
import { frontDoorLog } from '../lib/front-door.ts';
import { LeaderPool } from '../lib/leader-pool.ts';
import type { Lifecycle } from '../lib/lifecycle.ts';
import type { Log } from '../lib/log.ts';
import { counterOf, createRegistry, gaugeOf, serveMetrics } from '../lib/metrics.ts';
import { readSecrets } from '../lib/secrets.ts';
import { topology } from '../lib/topology.ts';
import type { ShipperConfig } from './config.ts';
import { parseFrontDoorLine } from './front-door-line.ts';
import { LogTail, type Position } from './log-tail.ts';

const PositionFile = Type.Object({
  inode: Type.Integer({ minimum: 0 }),
  offset: Type.Integer({ minimum: 0 }),
});

const counters = { shipped: 0, unreadable: 0 };

export async function run(config: ShipperConfig, lifecycle: Lifecycle, log: Log): Promise<void> {
  const at = topology(config.portOffset);
  const { dataDir } = config;
  const watch = new ClusterWatch({ topology: at, self: 'witness', pollMs: WRITER_POLL_MS, log });
  watch.start();
  lifecycle.onClose('watch', () => watch.close());
  const pool = new LeaderPool({
    topology: at,
    watch,
    user: 'tier0_log',
    password: readSecrets(dataDir).postgres.log,
    log,
    maxConnections: 1,
    applicationName: 'shipper',
  });
  const tail = new LogTail(frontDoorLog(dataDir), monotonicMs);
  const place = new Place(join(dataDir, 'edge', 'shipper', 'position.json'));
  const work = shipForEver({
    tail,
    place,
    pool,
    log,
    intervalMs: config.intervalMs,
    signal: lifecycle.signal,
  });
  lifecycle.onClose('shipping', async () => {
    await pool.close();
    await work;
  });
  const registry = createRegistry('shipper', 'edge');
  const behind = (): number => tail.behindBytes(place.position);
  counterOf(registry, 'tier0_access_log_shipped_total', 'Requests stored', () => counters.shipped);
  counterOf(
    registry,
    'tier0_access_log_unreadable_total',
    'Lines that are no requests',
    () => counters.unreadable,
  );
  gaugeOf(registry, 'tier0_access_log_behind_bytes', 'Logged and not stored yet', behind);
  await serveMetrics(lifecycle, registry, at.host, at.edge.shipper, () => ({
    ok: true,
    body: { status: 'running', ...counters, behind_bytes: behind() },
  }));
}

type Parts = {
  readonly tail: LogTail;
  readonly place: Place;
  readonly pool: LeaderPool;
  readonly log: Log;
  readonly intervalMs: number;
  readonly signal: AbortSignal;
};

async function shipForEver({ tail, place, pool, log, intervalMs, signal }: Parts): Promise<void> {
  let failing = false;
  let more = false;
  do {
    try {
      const read = tail.read(place.position);
      const entries = read.lines.map(parseFrontDoorLine).filter((entry) => entry !== null);
      if (entries.length > 0) await pool.withClient((client) => storeAccessEntries(client, entries));
      counters.shipped += entries.length;
      counters.unreadable += read.lines.length - entries.length;
      if (read.next !== null) place.move(read.next);
      more = read.more;
      failing = false;
    } catch (error) {
      if (!failing && !signal.aborted)
        log.warn({ failure: describeError(error) }, 'not shipped; tried again');
      failing = true;
      more = false;
    }
  } while (await pause(more ? 0 : intervalMs, signal));
}

/** How far everything is stored, in a file: whatever is written after a crash in between is stored once all the same. */
class Place {
  readonly #path: string;
  #position: Position | null;

  constructor(path: string) {
    this.#path = path;
    mkdirSync(dirname(path), { recursive: true });
    this.#position = existsSync(path) ? readPosition(path) : null;
  }

  get position(): Position | null {
    return this.#position;
  }

  move(position: Position): void {
    const { inode, offset } = this.#position ?? {};
    if (inode === position.inode && offset === position.offset) return;
    writeFileSync(`${this.#path}.new`, `${JSON.stringify(position)}\n`);
    renameSync(`${this.#path}.new`, this.#path);
    this.#position = position;
  }
}

/** null when the file is damaged: then everything that is there is read again, and stored once. */
function readPosition(path: string): Position | null {
  try {
    return Value.Parse(PositionFile, JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}
