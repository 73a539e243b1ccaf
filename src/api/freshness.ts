/**
 * The rule for answering reads: only from a view of the cluster that is fresh, and only once there is a live table. A
 * moment without is waited out: a busy machine has such moments, in both regions at once.
 */
import { UnavailableError } from '../lib/errors.ts';
import { holdsWithin } from '../lib/eventually.ts';
import { type HttpError, staleView } from '../lib/http-errors.ts';
import type { ApiContext } from './context.ts';

/** failover.md, "Clients": an isolated region stops answering instead of answering stale. */
export const MAX_VIEW_AGE_MS = 1_000;
/** Shorter than a router holds a write: the front door may yet ask the other region. */
const READ_HOLD_MS = 3_000;
const MAX_HELD_READS = 2_000;
const POLL_MS = 20;

type Seen = Pick<ApiContext, 'viewAgeMs' | 'ready'>;

/** Holds reads until they may be answered, within bounds of time and number. */
export class ReadGate {
  readonly #seen: Seen;
  readonly #holdMs: number;
  #held = 0;

  constructor(seen: Seen, holdMs: number = READ_HOLD_MS) {
    this.#seen = seen;
    this.#holdMs = holdMs;
  }

  /** Throws HttpError 503 when the region may be isolated. */
  async fresh(): Promise<void> {
    await this.#until(() => this.#seen.viewAgeMs() < MAX_VIEW_AGE_MS, staleView);
  }

  /** Throws UnavailableError while the live table is not filled. */
  async live(): Promise<void> {
    const filling = () => new UnavailableError('the live table is being filled');
    await this.#until(() => this.#seen.ready(), filling);
  }

  async #until(holds: () => boolean, refusal: () => HttpError | UnavailableError): Promise<void> {
    if (holds()) return;
    if (this.#held >= MAX_HELD_READS) throw refusal();
    this.#held += 1;
    const held = await holdsWithin(this.#holdMs, POLL_MS, holds).finally(() => {
      this.#held -= 1;
    });
    if (!held) throw refusal();
  }
}
