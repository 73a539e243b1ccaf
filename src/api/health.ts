/** What this API needs to serve, probed at most twice a second however many ask. */
import { get } from 'node:http';
import { monotonicMs, wallMs, within } from '../lib/clock.ts';
import type { DataRegion } from '../lib/topology.ts';
import type { Health } from './schemas.ts';

const PROBE_DEADLINE_MS = 1_000;
const CACHE_MS = 500;

export type Probe = () => Promise<unknown>;

/** Answers are `up` when the probe resolves within its deadline. */
async function isUp(name: string, probe: Probe): Promise<boolean> {
  try {
    await within(PROBE_DEADLINE_MS, `${name} does not answer`, probe());
    return true;
  } catch {
    // The failure itself is the answer; what failed and why is logged where the connection is owned.
    return false;
  }
}

/** Resolves when GET `url` answers 200. */
export function probeHttp(url: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(url, { signal: AbortSignal.timeout(PROBE_DEADLINE_MS) }, (response) => {
      response.resume();
      if (response.statusCode === 200) resolve();
      else reject(new Error(`${url} answered ${response.statusCode}`));
    });
    request.on('error', reject);
  });
}

/** Without these the API cannot answer; without the others it answers from what it has. */
const VITAL = new Set(['postgres', 'etcd']);

function judgeHealth(services: ReadonlyMap<string, boolean>, ready: boolean): Health['status'] {
  const down = [...services].filter(([, up]) => !up).map(([name]) => name);
  if (!ready || down.some((name) => VITAL.has(name))) return 'unhealthy';
  return down.length > 0 ? 'degraded' : 'healthy';
}

export class HealthCheck {
  readonly #region: DataRegion;
  readonly #probes: ReadonlyMap<string, Probe>;
  readonly #ready: () => boolean;
  readonly #cacheMs: number;
  #last: { atMs: number; health: Promise<Health> } | null = null;

  /** `cacheMs`: how long one round of probes answers for all who ask. */
  constructor(
    region: DataRegion,
    probes: ReadonlyMap<string, Probe>,
    ready: () => boolean,
    cacheMs = CACHE_MS,
  ) {
    this.#cacheMs = cacheMs;
    this.#region = region;
    this.#probes = probes;
    this.#ready = ready;
  }

  check(): Promise<Health> {
    const nowMs = monotonicMs();
    if (this.#last === null || nowMs - this.#last.atMs > this.#cacheMs) {
      this.#last = { atMs: nowMs, health: this.#probe() };
    }
    return this.#last.health;
  }

  async #probe(): Promise<Health> {
    const outcomes = await Promise.all(
      [...this.#probes].map(async ([name, probe]) => [name, await isUp(name, probe)] as const),
    );
    const services: Health['services'] = {};
    for (const [name, up] of outcomes) services[name] = up ? 'up' : 'down';
    return {
      status: judgeHealth(new Map(outcomes), this.#ready()),
      timestamp: new Date(wallMs()).toISOString(),
      region: this.#region,
      services,
    };
  }
}
