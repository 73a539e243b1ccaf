/**
 * Keeps the live picture of the users in Redis: made anew soon after a change, and every few seconds anyway. Of the two
 * workers one makes it in a second, whichever comes first.
 */
import type { Redis } from 'ioredis';
import { monotonicMs, pause, wallMs } from '../lib/clock.ts';
import { describeError } from '../lib/errors.ts';
import type { LeaderPool } from '../lib/leader-pool.ts';
import type { Log } from '../lib/log.ts';
import { PICTURE_KEY, readPicture } from '../lib/user-picture.ts';

const SOON_MS = 1_000;
const ANYWAY_MS = 5_000;
/** Whoever holds it makes the picture; it lapses by itself. */
const MAKER_KEY = 'tier0:users:maker';
/** Nobody's picture any more when no worker has made one for so long. */
const EXPIRES_S = 60;

export class PictureKeeper {
  readonly #pool: Pick<LeaderPool, 'withClient'>;
  readonly #redis: Pick<Redis, 'set'>;
  readonly #log: Log;
  #changed = false;

  constructor(pool: Pick<LeaderPool, 'withClient'>, redis: Pick<Redis, 'set'>, log: Log) {
    this.#pool = pool;
    this.#redis = redis;
    this.#log = log;
  }

  changed(): void {
    this.#changed = true;
  }

  /** Resolves when the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    let madeMs = Number.NEGATIVE_INFINITY;
    let complaint = '';
    while (await pause(SOON_MS, signal)) {
      if (!this.#changed && monotonicMs() - madeMs < ANYWAY_MS) continue;
      try {
        const mine = await this.#redis.set(MAKER_KEY, '', 'PX', SOON_MS, 'NX');
        if (mine === null) continue;
        this.#changed = false;
        madeMs = monotonicMs();
        const picture = await this.#pool.withClient((client) => readPicture(client, wallMs()));
        await this.#redis.set(PICTURE_KEY, JSON.stringify(picture), 'EX', EXPIRES_S);
        complaint = '';
      } catch (error) {
        const failure = describeError(error);
        if (failure !== complaint) this.#log.warn({ failure }, 'the picture of the users is not made');
        complaint = failure;
      }
    }
  }
}
