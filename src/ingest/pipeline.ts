/**
 * From messages to commits: fills a batch while others are in the database, acknowledges in the order of
 * arrival, and stops the sockets when too much is under way.
 *
 *   received = committed + duplicates + rejected + in flight, at every moment.
 */
import { after, wallMs } from '../lib/clock.ts';
import { Batch, type Publisher } from './batch.ts';
import type { Outcome } from './committer.ts';
import type { ReadingParser } from './reading.ts';

const PAYLOAD_EXCERPT_CHARS = 512;
const TOPIC_EXCERPT_CHARS = 256;
const FIELD_EXCERPT_CHARS = 256;
const TOO_LARGE = { reason: 'payload_too_large', field: null } as const;
/** Rejects and rows share a batch; a flood of rejects must not grow it without bound. */
const REJECTS_PER_BATCH = 1_000;

export type PipelineOptions = {
  readonly parser: ReadingParser;
  /** One per lane. */
  readonly commit: readonly ((batch: Batch) => Promise<Outcome>)[];
  readonly payloadMaxBytes: number;
  readonly batchMaxRows: number;
  /** A batch of this many messages goes out as soon as a lane is free. */
  readonly batchEagerRows: number;
  readonly batchLingerMs: number;
  readonly inFlightMaxRows: number;
  readonly onBackpressure: (full: boolean) => void;
  /** After the commit and before the acknowledgement. */
  readonly onCommitted: (batch: Batch) => void;
  readonly onRejected: (reason: string) => void;
  /** A commit that cannot be retried: a bug, or the role is stopping. */
  readonly onFailure: (error: unknown) => void;
};

export type Counters = { received: number; committed: number; duplicates: number; rejected: number };

type Sent = { readonly batch: Batch; outcome: Outcome | null };

export class Pipeline {
  readonly counters: Counters = { received: 0, committed: 0, duplicates: 0, rejected: 0 };
  readonly #options: PipelineOptions;
  readonly #freeLanes: number[];
  readonly #spare: Batch[] = [];
  /** Full batches without a lane, then batches in the database: both in the order of arrival. */
  readonly #waiting: Batch[] = [];
  readonly #sent: Sent[] = [];
  #filling: Batch;
  #cancelLinger: (() => void) | null = null;
  #lingered = false;
  #full = false;

  constructor(options: PipelineOptions) {
    this.#options = options;
    this.#freeLanes = options.commit.map((_, lane) => lane);
    this.#filling = new Batch(options.batchMaxRows);
  }

  get inFlight(): number {
    const { received, committed, duplicates, rejected } = this.counters;
    return received - committed - duplicates - rejected;
  }

  /** Takes a message in. It is acknowledged when it is committed, or stands in the reject table. */
  accept(publisher: Publisher, topic: string, payload: Buffer, packetId: number, qos: number): void {
    this.counters.received++;
    const batch = this.#filling;
    const receivedMs = wallMs();
    const tooLarge = payload.length > this.#options.payloadMaxBytes;
    const text = payload.toString('utf8', 0, tooLarge ? PAYLOAD_EXCERPT_CHARS : payload.length);
    const complaint = tooLarge ? TOO_LARGE : this.#options.parser.add(batch, topic, text, receivedMs);
    if (complaint !== null) {
      batch.rejects.push({
        receivedMs,
        reason: complaint.reason,
        field: complaint.field === null ? null : printable(complaint.field, FIELD_EXCERPT_CHARS),
        topic: printable(topic, TOPIC_EXCERPT_CHARS),
        payload: printable(text, PAYLOAD_EXCERPT_CHARS),
      });
      this.#options.onRejected(complaint.reason);
    }
    batch.expect(publisher, packetId, qos);
    const full = batch.rows >= batch.capacity || batch.rejects.length >= REJECTS_PER_BATCH;
    const enough = batch.messages >= this.#options.batchEagerRows && this.#freeLanes.length > 0;
    if (full || enough) this.#closeFilling();
    else if (batch.messages === 1) this.#linger();
    if (!this.#full && this.inFlight >= this.#options.inFlightMaxRows) this.#setFull(true);
  }

  #linger(): void {
    this.#lingered = false;
    this.#cancelLinger = after(this.#options.batchLingerMs, () => {
      this.#lingered = true;
      this.#dispatch();
    });
  }

  #closeFilling(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = null;
    this.#lingered = false;
    this.#waiting.push(this.#filling);
    this.#filling = this.#spare.pop() ?? new Batch(this.#options.batchMaxRows);
    this.#dispatch();
  }

  /** Gives waiting batches to free lanes; a lingering one goes out when a lane would idle otherwise. */
  #dispatch(): void {
    for (;;) {
      if (this.#freeLanes.length === 0) return;
      const next = this.#waiting.shift();
      if (next === undefined) {
        if (!this.#lingered || this.#filling.messages === 0) return;
        this.#closeFilling();
        return;
      }
      const lane = this.#freeLanes.pop() ?? 0;
      const sent: Sent = { batch: next, outcome: null };
      this.#sent.push(sent);
      void this.#commit(sent, lane);
    }
  }

  async #commit(sent: Sent, lane: number): Promise<void> {
    const commit = this.#options.commit[lane];
    if (commit === undefined) throw new Error(`no lane ${lane}`);
    try {
      sent.outcome = await commit(sent.batch);
    } catch (error) {
      this.#options.onFailure(error);
      return;
    }
    this.#freeLanes.push(lane);
    this.#dispatch();
    this.#release();
  }

  /** MQTT wants acknowledgements in the order of the messages [MQTT-4.6.0-2]: the oldest batch goes first. */
  #release(): void {
    for (;;) {
      const [oldest] = this.#sent;
      if (oldest?.outcome == null) break;
      this.#sent.shift();
      const { batch, outcome } = oldest;
      this.counters.committed += outcome.committed;
      this.counters.duplicates += outcome.duplicates;
      this.counters.rejected += batch.rejects.length;
      this.#options.onCommitted(batch);
      batch.acknowledge();
      batch.clear();
      this.#spare.push(batch);
    }
    if (this.#full && this.inFlight < this.#options.inFlightMaxRows / 2) this.#setFull(false);
  }

  #setFull(full: boolean): void {
    this.#full = full;
    this.#options.onBackpressure(full);
  }
}

/** An excerpt that PostgreSQL's text can hold: no U+0000, no half of a surrogate pair. */
function printable(text: string, maxChars: number): string {
  return text.slice(0, maxChars).replaceAll('\0', '\uFFFD').toWellFormed();
}
