/**
 * Points the front door at the region that leads. nginx looks for a marker file on every request (see
 * nginxConf), so a new route costs no reload: a reload closes idle connections, and a client that sends on one
 * at that moment would see its request fail.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { sleep, wallMs } from '../lib/clock.ts';
import type { ClusterWatch } from '../lib/cluster.ts';
import { describeError } from '../lib/errors.ts';
import { leaderMarker } from '../lib/front-door.ts';
import type { Log } from '../lib/log.ts';
import { type DataRegion, peerOf, type Topology } from '../lib/topology.ts';
import { cutConnections } from './cut-connections.ts';

export type Route = {
  readonly region: DataRegion;
  readonly epoch: number;
  /** Unix milliseconds. */
  readonly sinceMs: number;
};

/** A request on its way to the lost region when the route changed may get there after the first cut. */
const CUTS_AFTER_MS = [0, 150, 500];

export type RoutesOptions = {
  readonly topology: Topology;
  readonly watch: ClusterWatch;
  readonly dataDir: string;
  readonly log: Log;
};

export class Routes {
  readonly #topology: Topology;
  readonly #watch: ClusterWatch;
  readonly #marker: string;
  readonly #log: Log;
  #route: Route | null = null;

  constructor(options: RoutesOptions) {
    this.#topology = options.topology;
    this.#watch = options.watch;
    this.#marker = leaderMarker(options.dataDir);
    this.#log = options.log;
  }

  get current(): Route | null {
    return this.#route;
  }

  /** Follows the record until the returned function is called. */
  start(): () => void {
    const stop = this.#watch.onChange(() => this.#follow());
    this.#follow();
    return stop;
  }

  /** At once when a new leader is recorded: its API holds what arrives until it serves. */
  #follow(): void {
    const { record } = this.#watch.view;
    if (record === null || (this.#route?.epoch ?? 0) > record.epoch) return;
    const { leader: region, epoch } = record;
    if (this.#route?.epoch === epoch && this.#route.region === region) return;
    if (region === 'region2') writeFileSync(this.#marker, '');
    else if (existsSync(this.#marker)) rmSync(this.#marker);
    const takenOver =
      this.#route !== null && this.#route.region !== region && record.operation?.kind !== 'switchover';
    this.#route = { region, epoch, sinceMs: wallMs() };
    this.#log.info({ region, epoch }, 'the front door leads here');
    if (takenOver) void this.#cut(peerOf(region), epoch);
  }

  /** Requests that stand in a region which has been taken over go to the other one at once. */
  async #cut(region: DataRegion, epoch: number): Promise<void> {
    const { host } = this.#topology;
    const { api, rag, vision } = this.#topology[region];
    for (const afterMs of CUTS_AFTER_MS) {
      await sleep(afterMs);
      if (this.#route?.epoch !== epoch) return;
      try {
        for (const port of [api, rag, vision]) await cutConnections(host, port);
      } catch (error) {
        this.#log.warn({ region, failure: describeError(error) }, 'requests there wait for their timeout');
        return;
      }
    }
  }
}
