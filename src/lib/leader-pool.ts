/**
 * Connections to whichever PostgreSQL the cluster record names as leader.
 *
 * A change of epoch or leader cuts every connection at once, also one whose server is frozen (hazard H16); to the
 * region that may lead next some are open already. Work that finds no leader, or whose connection fails, is held
 * and runs again when there is one; see hold.ts.
 */
import type pg from 'pg';
import { after, monotonicMs, within } from './clock.ts';
import type { ClusterWatch } from './cluster.ts';
import { describeError, UnavailableError } from './errors.ts';
import { Hold, type HoldBounds, type HoldCounters, type Refusal, type Step, type Ticket } from './hold.ts';
import { RegionPool, type RegionPoolOptions } from './region-pool.ts';
import { type DataRegion, peerOf } from './topology.ts';
import { traced, withRequestComment } from './tracing.ts';

const HOLD_BOUNDS: Omit<HoldBounds, 'maxInFlight'> = {
  windowMs: 5_000,
  maxItems: 2_000,
  maxBytes: 16 * 1024 * 1024,
  maxFailoverMs: 20_000,
  // The quickest sequel that is no flapping, a switchover back, needs the old leader to be a standby again:
  // 0.3 s by measurement (failover.md).
  minBetweenFailoversMs: 250,
  // Commits share their flush, so eight held writes cost the new leader little more than one; with fewer, a backlog
  // on a slow disk drains slower than new work comes.
  drainConcurrency: 8,
};
/** What a piece of work counts that does not say how large it is: a statement and its closure. */
const DEFAULT_WORK_BYTES = 1_024;
const PROBE_DEADLINE_MS = 2_000;
/** Of a statement, in a trace. */
const SPAN_TEXT_CHARS = 200;

/** True when the server or the connection failed, not the statement. SQLSTATE classes of PostgreSQL, appendix A. */
export function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (/^(08|57P0[1-3])/.test(code) || ['25006', '28000', '53300'].includes(code)) return true;
  if (/^E[A-Z]+$/.test(code)) return true;
  return /Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|not queryable/.test(
    error.message,
  );
}

export type LeaderPoolOptions = RegionPoolOptions & {
  readonly watch: ClusterWatch;
  /** Other bounds than the usual ones, for tests. */
  readonly hold?: Partial<HoldBounds>;
};

/** `sinceMs`: when the record named it. */
type Current = { readonly epoch: number; readonly pool: RegionPool; readonly sinceMs: number };

type Work = {
  readonly run: (client: pg.PoolClient) => Promise<void>;
  readonly fail: (error: unknown) => void;
  /** Why it was not done when it was last tried. */
  failure: unknown;
};

const REFUSALS: Readonly<Record<Refusal, string>> = {
  size: 'too much is held',
  window: 'it waited too long',
  duration: 'the failover takes too long',
  flapping: 'the leader was lost again at once',
  closed: 'the pool is closed',
};

export class LeaderPool {
  readonly #options: LeaderPoolOptions;
  readonly #hold: Hold<Work>;
  #current: Current | null = null;
  #spare: RegionPool | null = null;
  #closed = false;
  #cancelTick: () => void = () => {};

  constructor(options: LeaderPoolOptions) {
    this.#options = options;
    const bounds = { ...HOLD_BOUNDS, ...options.hold, maxInFlight: options.maxConnections };
    this.#hold = new Hold(bounds, monotonicMs());
    options.watch.onChange(() => this.#follow());
    this.#follow();
  }

  /** Epoch and region that connections go to now; null while there is no serving leader. */
  get leader(): { epoch: number; region: DataRegion } | null {
    return this.#current === null ? null : { epoch: this.#current.epoch, region: this.#current.pool.region };
  }

  /** Counters since the start, and what waits now. */
  get held(): HoldCounters & { readonly waiting: number; readonly waitingBytes: number } {
    return {
      ...this.#hold.counters,
      waiting: this.#hold.waiting,
      waitingBytes: this.#hold.waitingBytes,
    };
  }

  /** One statement; for reads and for writes that carry their own idempotency. Held as `withClient` does. */
  query<R extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<pg.QueryResult<R>> {
    const statement = withRequestComment(text);
    return traced('postgres', { 'db.query.text': text.trim().slice(0, SPAN_TEXT_CHARS) }, () =>
      this.withClient((client) => client.query<R>(statement, [...values])),
    );
  }

  /**
   * Runs `work` on a connection to the leader. `work` must be safe to run again: it is repeated after a
   * connection failure, or when it throws UnavailableError, until the hold's bounds end it; then this throws
   * UnavailableError. `bytes` is what the work keeps in memory while it waits.
   */
  withClient<T>(
    work: (client: pg.PoolClient) => Promise<T>,
    { bytes = DEFAULT_WORK_BYTES }: { readonly bytes?: number } = {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const entry: Work = {
        run: async (client) => resolve(await work(client)),
        fail: reject,
        failure: undefined,
      };
      this.#apply(this.#hold.add(entry, bytes, monotonicMs()));
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const steps = this.#hold.close();
    const dropped = Promise.all([this.#drop(), this.#spare?.close()]);
    this.#apply(steps);
    await dropped;
  }

  #apply(steps: readonly Step<Work>[]): void {
    for (const step of steps) {
      if (step.kind === 'refuse') {
        const { failure } = step.ticket.work;
        const because = failure === undefined ? '' : `: ${describeError(failure)}`;
        const message = `no leader took the work, ${REFUSALS[step.reason]}${because}`;
        step.ticket.work.fail(new UnavailableError(message, 1, failure));
      } else {
        void this.#attempt(step.ticket, step.generation, step.probe);
      }
    }
    this.#cancelTick();
    this.#cancelTick = () => {};
    const waitMs = this.#hold.nextTickMs - monotonicMs();
    if (Number.isFinite(waitMs)) {
      this.#cancelTick = after(Math.max(0, Math.ceil(waitMs)), () =>
        this.#apply(this.#hold.tick(monotonicMs())),
      );
    }
    const { phase } = this.#hold;
    this.#options.watch.hurry(!this.#closed && phase !== 'serving' && phase !== 'draining');
  }

  /** Never rejects: what becomes of the work is told to the hold, and to whoever waits for it. */
  async #attempt(ticket: Ticket<Work>, generation: number, probe: boolean): Promise<void> {
    const { work } = ticket;
    try {
      await this.#run(work, generation, probe);
    } catch (error) {
      if (isConnectionFailure(error) || error instanceof UnavailableError) {
        work.failure = error;
        this.#apply(this.#hold.failed(ticket, generation, monotonicMs()));
        return;
      }
      work.fail(error);
    }
    this.#apply(this.#hold.done(generation, monotonicMs()));
  }

  async #run(work: Work, generation: number, probe: boolean): Promise<void> {
    const { log } = this.#options;
    const current = this.#current;
    if (current === null) throw new Error('work was released without a leader');
    const client = await current.pool.connect();
    let failed = true;
    try {
      if (probe) {
        await proveWritable(client);
        const { waiting } = this.#hold;
        log.info(
          { epoch: current.epoch, sinceRecordMs: Math.round(monotonicMs() - current.sinceMs), waiting },
          'the leader takes work',
        );
        this.#apply(this.#hold.proven(generation, monotonicMs()));
      }
      await work.run(client);
      failed = false;
    } catch (error) {
      failed = isConnectionFailure(error) || error instanceof SilentError;
      throw error;
    } finally {
      client.release(failed);
    }
  }

  #follow(): void {
    if (this.#closed) return;
    const { record } = this.#options.watch.view;
    const target = record?.phase === 'serving' ? record : null;
    const current = this.#current;
    if (target === null && current === null) return;
    if (target !== null && current?.epoch === target.epoch && current.pool.region === target.leader) return;
    void this.#drop();
    if (target !== null) {
      this.#current = { epoch: target.epoch, pool: this.#poolOf(target.leader), sinceMs: monotonicMs() };
      this.#prepareNext(target.leader);
    }
    this.#apply(this.#hold.leaderChanged(target !== null, monotonicMs()));
  }

  /** The connections that were kept for the region, if there are any. */
  #poolOf(region: DataRegion): RegionPool {
    const spare = this.#spare;
    if (spare?.region !== region) return new RegionPool(region, this.#options);
    this.#spare = null;
    return spare;
  }

  /** Connections to where the leader may be next. */
  #prepareNext(leader: DataRegion): void {
    if (this.#spare !== null) return;
    this.#spare = new RegionPool(peerOf(leader), this.#options);
    this.#spare.keepWarm();
  }

  async #drop(): Promise<void> {
    const current = this.#current;
    this.#current = null;
    await current?.pool.close();
  }
}

/** A connection that is of no more use. */
class SilentError extends UnavailableError {}

/** Throws UnavailableError on a server that hangs, is a standby, or whose agent does not let clients write yet. */
async function proveWritable(client: pg.PoolClient): Promise<void> {
  const asked = client.query<{ transaction_read_only: 'on' | 'off' }>('SHOW transaction_read_only');
  const { rows } = await within(PROBE_DEADLINE_MS, 'no answer', asked).catch((error: unknown) => {
    throw new SilentError('the leader did not answer the probe', 1, error);
  });
  if (rows[0]?.transaction_read_only !== 'off') throw new UnavailableError('the server takes no writes');
}
