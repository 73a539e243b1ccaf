/**
 * The write canary: a commit every half second on the leader, over a connection of its own. It shows a sync
 * wait, a disk stall or a hung server that health checks would miss; its connection is renewed every few
 * commits, because a hung postmaster keeps serving the old ones (hazard H12).
 */
import type pg from 'pg';
import { monotonicMs, pause } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';
import { type PostgresSession, writeCanary } from './drivers/postgres-session.ts';

const EVERY_MS = 500;
const COMMITS_PER_CONNECTION = 4;
/** A canary older than this says nothing any more. */
const VALID_MS = 1_500;

export class Canary {
  readonly #session: PostgresSession;
  readonly #log: Log;
  #client: pg.Client | null = null;
  #lastMs = Number.NEGATIVE_INFINITY;
  #tookMs = 0;
  #failing = false;
  #commits = 0;
  /** Since when clients may write here; null while they may not. */
  #openSinceMs: number | null = null;

  constructor(session: PostgresSession, log: Log) {
    this.#session = session;
    this.#log = log;
  }

  /** Milliseconds of the last commit; null when none succeeded lately. */
  get tookMs(): number | null {
    return monotonicMs() - this.#lastMs < VALID_MS ? this.#tookMs : null;
  }

  /** Milliseconds without a commit since clients were let in; null while they are not. */
  get silentMs(): number | null {
    if (this.#openSinceMs === null) return null;
    return Math.round(monotonicMs() - Math.max(this.#openSinceMs, this.#lastMs));
  }

  /**
   * Commits one now and reads it back: the server has just been promoted. A standby's connection is kept for this.
   * Throws when it does not succeed.
   */
  async prove(region: string, epoch: number): Promise<void> {
    const client = this.#client ?? (await this.#session.connect('tier0'));
    this.#client = client;
    await writeCanary(client, region, epoch);
    const { rows } = await client.query<{ epoch: string }>('SELECT epoch FROM canary WHERE region = $1', [
      region,
    ]);
    if (Number(rows[0]?.epoch) !== epoch) throw new Error('the canary does not read back');
  }

  /** Writes while `epoch` gives one (we lead and are open), until the signal aborts. */
  async run(
    region: string,
    epoch: () => number | null,
    standby: () => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    // A canary that waits for a hung server must not keep the agent from stopping.
    signal.addEventListener('abort', () => void this.#disconnect(), { once: true });
    while (await pause(EVERY_MS, signal)) {
      const leading = epoch();
      if (leading === null) {
        this.#openSinceMs = null;
        if (standby()) await this.#keepWarm();
        else await this.#disconnect();
        continue;
      }
      this.#openSinceMs ??= monotonicMs();
      await this.#write(region, leading);
      if (++this.#commits % COMMITS_PER_CONNECTION === 0) await this.#disconnect();
    }
    await this.#disconnect();
  }

  async #keepWarm(): Promise<void> {
    try {
      this.#client ??= await this.#session.connect('tier0');
      await this.#client.query('SELECT');
    } catch {
      // A standby that is not up yet, or is being copied.
      await this.#disconnect();
    }
  }

  async #write(region: string, epoch: number): Promise<void> {
    const startedMs = monotonicMs();
    try {
      this.#client ??= await this.#session.connect('tier0');
      await writeCanary(this.#client, region, epoch);
      this.#lastMs = monotonicMs();
      this.#tookMs = this.#lastMs - startedMs;
      this.#failing = false;
    } catch (error) {
      if (!this.#failing) this.#log.warn({ failure: describeError(error) }, 'write canary failed');
      this.#failing = true;
      await this.#disconnect();
    }
  }

  async #disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    await client?.end();
  }
}
