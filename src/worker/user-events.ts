/**
 * Takes user events from the queue and stores them. A message is acknowledged after the commit; one that comes twice
 * is stored once. One that can never be stored becomes a dead letter, with the reason.
 */
import type { AsyncMessage, Channel, Connection } from 'rabbitmq-client';
import { pause } from '../lib/clock.ts';
import { describeError, sqlState, UnavailableError } from '../lib/errors.ts';
import { EventPublisher } from '../lib/event-publisher.ts';
import type { LeaderPool } from '../lib/leader-pool.ts';
import type { Log } from '../lib/log.ts';
import { DEAD_LETTERS, messageIdOf, USER_EVENTS } from '../lib/rabbitmq.ts';
import { storeUserEvents } from '../lib/user-event-store.ts';
import { parseUserEvent, type UserEvent } from '../lib/user-events.ts';
import type { UserEventMetrics } from './metrics.ts';

const BATCH = 1_000;
/**
 * Unacknowledged messages here: one batch is stored while the next ones arrive. Under load an acknowledgement takes the
 * queue half a second, which agrees on it like on a message.
 */
const PREFETCH = 4 * BATCH;
/**
 * For so long after its first message a batch grows. Two workers that store what happens to be there make 240 small
 * transactions a second of 6,000 messages; each costs both regions a write to the disk.
 */
const GATHER_MS = 100;
const RETRY_MS = 500;
/** Of a dead letter; a node that hangs is given up sooner. */
const CONFIRM_MS = 30_000;
/** A report of a large site takes 20 kB. */
const EVENT_BYTES = 2_000;

export type UserEventsOptions = {
  readonly connection: Connection;
  readonly pool: Pick<LeaderPool, 'withClient'>;
  readonly metrics: UserEventMetrics;
  readonly signal: AbortSignal;
  readonly log: Log;
  readonly onStored: () => void;
};

type Parsed = { readonly message: AsyncMessage; readonly event: UserEvent };

/** Consumes until the signal aborts, over as many connections as it takes. */
export async function consumeUserEvents(options: UserEventsOptions): Promise<void> {
  const { connection, signal, log } = options;
  const letters = new EventPublisher(connection);
  let complaint = '';
  do {
    try {
      await new Consumer(options, letters, await connection.acquire()).run();
      complaint = '';
    } catch (error) {
      // Without the queue yet, every attempt says the same.
      const failure = describeError(error);
      if (failure !== complaint && !signal.aborted) log.info({ failure }, 'no user events are taken');
      complaint = failure;
    }
  } while (await pause(RETRY_MS, signal));
}

/** One channel's life. */
class Consumer {
  readonly #options: UserEventsOptions;
  readonly #letters: EventPublisher;
  readonly #channel: Channel;
  readonly #over = new AbortController();
  #arrived: AsyncMessage[] = [];
  #wake: () => void = () => {};

  constructor(options: UserEventsOptions, letters: EventPublisher, channel: Channel) {
    this.#options = options;
    this.#letters = letters;
    this.#channel = channel;
  }

  /** Returns when the channel is lost, or the queue; what was not acknowledged comes again. */
  async run(): Promise<void> {
    const channel = this.#channel;
    const end = (): void => {
      this.#over.abort();
      this.#wake();
    };
    channel.once('close', end);
    channel.once('basic.cancel', end);
    this.#options.signal.addEventListener('abort', end);
    try {
      await channel.basicQos({ prefetchCount: PREFETCH });
      await channel.basicConsume({ queue: USER_EVENTS }, (message) => {
        this.#arrived.push(message);
        this.#wake();
      });
      this.#options.log.info('user events are taken from the queue');
      while (!this.#over.signal.aborted) await this.#handleNext();
    } finally {
      this.#options.signal.removeEventListener('abort', end);
      if (channel.active) await channel.close();
    }
  }

  async #handleNext(): Promise<void> {
    if (this.#arrived.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      return;
    }
    if (this.#arrived.length < BATCH) await pause(GATHER_MS, this.#over.signal);
    if (this.#over.signal.aborted) return;
    const batch = this.#arrived.splice(0, BATCH);
    const parsed: Parsed[] = [];
    for (const message of batch) {
      try {
        parsed.push({ message, event: parseUserEvent(message.body) });
      } catch (error) {
        await this.#bury(message, describeError(error));
      }
    }
    await this.#store(parsed);
    const last = batch.at(-1);
    if (last === undefined || this.#over.signal.aborted || !this.#channel.active) return;
    // They were delivered in this order: the last one's tag stands for all.
    this.#channel.basicAck({ deliveryTag: last.deliveryTag, multiple: true });
    this.#options.metrics.acknowledged.inc(batch.length);
  }

  /** Tries until it is stored: whatever is wrong with the database passes, and until then nothing is acknowledged. */
  async #store(parsed: readonly Parsed[]): Promise<void> {
    if (parsed.length === 0) return;
    const { pool, metrics, log, onStored } = this.#options;
    const events = parsed.map(({ event }) => event);
    do {
      try {
        const bytes = events.length * EVENT_BYTES;
        const stored = await pool.withClient((client) => storeUserEvents(client, events), { bytes });
        metrics.stored.inc(stored);
        metrics.duplicates.inc(events.length - stored);
        onStored();
        return;
      } catch (error) {
        if (isDataError(error)) return this.#isolate(parsed, error);
        if (!(error instanceof UnavailableError))
          log.warn({ failure: describeError(error) }, 'user events wait');
      }
    } while (await pause(RETRY_MS, this.#over.signal));
  }

  /** One of them cannot be stored, ever: halves find it without keeping the others. */
  async #isolate(parsed: readonly Parsed[], error: unknown): Promise<void> {
    const [first] = parsed;
    if (first !== undefined && parsed.length === 1) return this.#bury(first.message, describeError(error));
    const half = Math.floor(parsed.length / 2);
    await this.#store(parsed.slice(0, half));
    await this.#store(parsed.slice(half));
  }

  /** Confirmed there before it is acknowledged here. */
  async #bury(message: AsyncMessage, reason: string): Promise<void> {
    const { log, metrics } = this.#options;
    const { body, contentType, headers } = message;
    const messageId = messageIdOf(message);
    await this.#letters.send(DEAD_LETTERS, body, {
      ...(contentType === undefined ? {} : { contentType }),
      headers: { ...headers, 'x-tier0-reason': reason.slice(0, 500) },
      messageId,
      limitMs: CONFIRM_MS,
    });
    metrics.deadLetters.inc();
    log.warn({ messageId, reason }, 'a user event cannot be stored; it is a dead letter');
  }
}

/** SQLSTATE classes of PostgreSQL, appendix A: data exception, integrity constraint violation, program limit. */
const isDataError = (error: unknown): boolean => /^(22|23|54)/.test(sqlState(error));
