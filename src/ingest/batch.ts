/** Readings on their way to the database, column by column, and who waits for their acknowledgement. */
import { MAX_METRICS } from '../lib/live-record.ts';

/** Someone to acknowledge when the batch is committed. */
export type Publisher = {
  /** Queues an acknowledgement; `flush` sends all queued ones in one write. */
  acknowledge(packetId: number, qos: number): void;
  flushAcknowledgements(): void;
};

export type Reject = {
  readonly receivedMs: number;
  readonly reason: string;
  readonly field: string | null;
  readonly topic: string;
  readonly payload: string;
};

export type Context = { readonly hash: bigint; readonly body: string };

export class Batch {
  readonly capacity: number;
  /** Rows used of the columns below. */
  rows = 0;
  readonly deviceNo: Int32Array;
  readonly tsMs: Float64Array;
  readonly receivedMs: Float64Array;
  readonly context: BigInt64Array;
  /** `context` as pairs of 32-bit words, low first: the hot path's way in and out, without a BigInt per row. */
  readonly contextWords: Int32Array;
  readonly state: Uint8Array;
  readonly metricCount: Uint8Array;
  /** MAX_METRICS per row; NaN where the reading had none. */
  readonly metrics: Float64Array;
  /** 1: not newer than what this ingest has seen of the device, so it may be stored already. */
  readonly suspect: Uint8Array;
  suspects = 0;
  /** Unknown metrics of a row, as JSON. */
  readonly extra = new Map<number, string>();
  readonly rejects: Reject[] = [];
  readonly contexts = new Map<bigint, Context>();
  /** Start of each partition that the rows need, in units of the partition's width. */
  readonly partitions = new Set<number>();
  /** Messages in the batch, readings and rejects together. */
  messages = 0;
  readonly #publishers: Publisher[] = [];
  readonly #packetIds: number[] = [];
  readonly #qos: number[] = [];

  constructor(capacity: number) {
    this.capacity = capacity;
    this.deviceNo = new Int32Array(capacity);
    this.tsMs = new Float64Array(capacity);
    this.receivedMs = new Float64Array(capacity);
    this.context = new BigInt64Array(capacity);
    this.contextWords = new Int32Array(this.context.buffer);
    this.state = new Uint8Array(capacity);
    this.metricCount = new Uint8Array(capacity);
    this.metrics = new Float64Array(capacity * MAX_METRICS);
    this.suspect = new Uint8Array(capacity);
  }

  /** Counts a message in; a publisher that asked for QoS 1 or 2 is acknowledged after the commit. */
  expect(publisher: Publisher, packetId: number, qos: number): void {
    this.messages++;
    if (qos === 0) return;
    this.#publishers.push(publisher);
    this.#packetIds.push(packetId);
    this.#qos.push(qos);
  }

  /** Acknowledges everything, in the order of arrival, with one write per publisher. */
  acknowledge(): void {
    const touched = new Set<Publisher>();
    for (const [i, publisher] of this.#publishers.entries()) {
      publisher.acknowledge(this.#packetIds[i] ?? 0, this.#qos[i] ?? 1);
      touched.add(publisher);
    }
    for (const publisher of touched) publisher.flushAcknowledgements();
  }

  /** Empties the batch for its next use. */
  clear(): void {
    this.rows = 0;
    this.suspects = 0;
    this.messages = 0;
    this.extra.clear();
    this.rejects.length = 0;
    this.contexts.clear();
    this.partitions.clear();
    this.#publishers.length = 0;
    this.#packetIds.length = 0;
    this.#qos.length = 0;
  }
}
