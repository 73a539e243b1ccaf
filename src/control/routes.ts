/**
 * Points the front door at the region that leads. nginx looks for a marker file on every request (see
 * nginxConf), so a new route costs no reload: a reload closes idle connections, and a client that sends on one
 * at that moment would see its request fail.
 */
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { wallMs } from '../lib/clock.ts';
import type { ClusterWatch } from '../lib/cluster.ts';
import { leaderMarker } from '../lib/front-door.ts';
import type { Log } from '../lib/log.ts';
import type { DataRegion } from '../lib/topology.ts';

export type Route = {
  readonly region: DataRegion;
  readonly epoch: number;
  /** Unix milliseconds. */
  readonly sinceMs: number;
};

export class Routes {
  readonly #watch: ClusterWatch;
  readonly #marker: string;
  readonly #log: Log;
  #route: Route | null = null;

  constructor(options: { readonly watch: ClusterWatch; readonly dataDir: string; readonly log: Log }) {
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
    this.#route = { region, epoch, sinceMs: wallMs() };
    this.#log.info({ region, epoch }, 'the front door leads here');
  }
}
